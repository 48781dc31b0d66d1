import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { digestOf, digestsPath, recordingFolders, type Digests } from '../../../scripts/check/recordings.ts';
import { workflowTypes } from '../../../contracts/ids.ts';
import { opened, payloadsIn, withoutMachine } from '../payloads.ts';
import { currentVersion as version, toKept, type History, type HistoryJson, type KeptRun } from '../recordings.ts';
import type { Installation } from './installation.ts';
import type { Lived } from './life.ts';

const root = join(import.meta.dirname, '../../..');
const [histories, states] = recordingFolders;

/** What has been recorded so far, in memory until all of it has been. */
export interface Kept {
  /** Answers how many runs there were. */
  keep(life: string, installation: Installation, lived: Lived): Promise<number>;
  /** The same of runs from elsewhere. */
  keepRuns(life: string, runs: readonly { readonly workflowId: string; readonly history: History }[]): Promise<number>;
  lives(): readonly string[];
  /** The workflow types of which there is a history. */
  types(): readonly string[];
  /** Replaces the recordings of this version, and their digests; other versions' stay as they are. */
  write(): Promise<void>;
}

export function createKept(): Kept {
  const files = new Map<string, Uint8Array | string>();
  const lives: string[] = [];
  const types = new Set<string>();

  async function keepRuns(life: string, runs: readonly { workflowId: string; history: History }[]): Promise<KeptRun[]> {
    const kept = await Promise.all(
      runs.map(async ({ workflowId, history }) => ({ workflowId, history: await withoutMachine(toKept(history)) })),
    );
    for (const { history } of kept) types.add(startOf(history).workflowType.name);
    lives.push(life);
    // No time of day: the same content is the same file.
    files.set(`${histories}/${version}/${life}.json.gz`, gzipSync(JSON.stringify(kept), { level: 9 }));
    return kept;
  }

  return {
    async keep(life, installation, { workflows, carried }) {
      const runs = await Promise.all(
        workflows.map(async (workflowId) =>
          (await installation.runsOf(workflowId)).map(({ history }) => ({ workflowId, history })),
        ),
      );
      const kept = await keepRuns(life, runs.flat());
      if (carried) files.set(`${states}/${version}/${carried.name}.json`, await carriedIn(kept, carried));
      return kept.length;
    },
    keepRuns: async (life, runs) => (await keepRuns(life, runs)).length,
    lives: () => lives,
    types: () => [...types],
    async write() {
      for (const folder of recordingFolders) await rm(join(root, folder, version), { recursive: true, force: true });
      const before = JSON.parse(await readFile(join(root, digestsPath), 'utf8').catch(() => '{}')) as Digests;
      const others = Object.entries(before).filter(([path]) => path.split('/')[3] !== version);
      const digests = new Map(others);
      for (const [path, content] of files) {
        const bytes = Buffer.from(content);
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeFile(join(root, path), bytes);
        digests.set(path, digestOf(bytes));
      }
      const sorted = Object.fromEntries([...digests].toSorted(([a], [b]) => (a < b ? -1 : 1)));
      await writeFile(join(root, digestsPath), `${JSON.stringify(sorted, null, 2)}\n`);
    },
  };
}

interface Started {
  readonly workflowType: { readonly name: string };
  readonly continuedExecutionRunId?: string;
}

function startOf(history: HistoryJson): Started {
  const [first] = history['events'] as readonly Record<string, unknown>[];
  return first?.['workflowExecutionStartedEventAttributes'] as Started;
}

/** What the first run of a connection handed to the second: the arguments that the second was started with. */
async function carriedIn(runs: readonly KeptRun[], { name, id }: { name: string; id: string }): Promise<string> {
  const continued = runs.find(
    ({ workflowId, history }) =>
      workflowId === id &&
      startOf(history).workflowType.name === workflowTypes.connection &&
      startOf(history).continuedExecutionRunId,
  );
  if (!continued) throw new Error(`The life of ${name} has no run that continues another one.`);
  const payloads = payloadsIn((startOf(continued.history) as unknown as { input: unknown }).input);
  const [input, state] = await Promise.all(
    payloads.map(async ([, payload]) => JSON.parse(await opened(payload)) as unknown),
  );
  return `${JSON.stringify({ input, state }, null, 2)}\n`;
}
