import type { Check } from './check.ts';
import type { Repository } from './repository.ts';

const path = 'Dockerfile';
/** The images that are run. */
const targets = ['api', 'worker'];

interface Stage {
  readonly name: string;
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

interface Instruction {
  readonly word: string;
  readonly rest: string;
}

/** The image is pinned, small-footed and honest: Debian, not root, with a health check, from files that exist. */
export const dockerfile: Check = {
  name: 'dockerfile',
  run(repository) {
    const stages = stagesOf(repository.read(path));
    const problems = [
      ...stages.flatMap((stage) => bases(stage, stages)),
      ...targets.flatMap((target) => running(target, stages)),
      ...stages.flatMap((stage) => sources(stage, repository)),
    ];
    return { problems: problems.map((problem) => `${path}: ${problem}`), note: `${stages.length} stages` };
  },
};

function stagesOf(text: string): Stage[] {
  const args = new Map<string, string>();
  const stages: { name: string; from: string; instructions: Instruction[] }[] = [];
  for (const { word, rest } of instructionsOf(text)) {
    if (word === 'ARG' && stages.length === 0) args.set(...assignment(rest));
    if (word === 'FROM') {
      const [from = '', , name = ''] = rest.split(/\s+/);
      stages.push({
        name,
        from: from.replaceAll(/\$\{(\w+)\}/g, (_, arg: string) => args.get(arg) ?? ''),
        instructions: [],
      });
    } else {
      stages.at(-1)?.instructions.push({ word, rest });
    }
  }
  return stages;
}

function instructionsOf(text: string): Instruction[] {
  const joined = text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '');
  return joined.split('\n').flatMap((line) => {
    const [, word, rest] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
    return word === undefined || rest === undefined ? [] : [{ word, rest }];
  });
}

function assignment(rest: string): [string, string] {
  const [name = '', value = ''] = rest.split('=');
  return [name, value.replaceAll('"', '')];
}

function bases({ from }: Stage, stages: readonly Stage[]): string[] {
  if (stages.some(({ name }) => name === from)) return [];
  return [
    ...(/:\d+\.\d+\.\d+/.test(from) ? [] : [`builds on "${from}"; pin it to a full version`]),
    ...(/alpine/.test(from) ? [`builds on "${from}"; Temporal's native core has no musl build, use Debian`] : []),
  ];
}

function running(target: string, stages: readonly Stage[]): string[] {
  const chain = lineage(target, stages);
  if (chain.length === 0) return [`has no stage "${target}"`];
  const instructions = chain.flatMap((stage) => stage.instructions);
  const user = instructions.findLast(({ word }) => word === 'USER')?.rest;
  return [
    ...(user === undefined || /^(?:root|0)\b/.test(user) ? [`"${target}" runs as root`] : []),
    ...(instructions.some(({ word }) => word === 'HEALTHCHECK') ? [] : [`"${target}" has no HEALTHCHECK`]),
    ...(instructions.some(({ word, rest }) => word === 'CMD' && rest.startsWith('['))
      ? []
      : [`"${target}" has no CMD in exec form; a shell would swallow SIGTERM`]),
  ];
}

/** The stage with those it builds on, base first. */
function lineage(target: string, stages: readonly Stage[]): Stage[] {
  const stage = stages.find(({ name }) => name === target);
  return stage ? [...lineage(stage.from, stages), stage] : [];
}

function sources({ instructions }: Stage, repository: Repository): string[] {
  return instructions
    .filter(({ word, rest }) => word === 'COPY' && !rest.includes('--from='))
    .flatMap(({ rest }) => rest.split(/\s+/).slice(0, -1))
    .filter((source) => !repository.files.some((file) => file === source || file.startsWith(`${source}/`)))
    .map((source) => `copies ${source}, which is not in the repository`);
}
