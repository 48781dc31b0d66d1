import { join } from 'node:path/posix';
import { beforeAll, describe, expect, test } from 'vitest';
import { commandCheck } from '../../../scripts/check/commands.ts';
import { plant } from './plant.ts';

type Import = readonly [from: string, specifier: string];

/** For each rule, imports that it forbids; all of them are planted in one repository. */
const forbidden: readonly (readonly [rule: string, ...Import])[] = [
  ['api-never-acts', 'api/routes/refresh.ts', '../../activities/refresh-credential.ts'],
  ['api-never-acts', 'api/routes/verify.ts', '../../providers/sky/client.ts'],
  ['api-never-acts', 'api/list.ts', '../workflows/connection/state.ts'],
  ['contracts-are-a-leaf', 'contracts/ids.ts', '../platform/clock.ts'],
  ['platform-is-a-leaf', 'platform/config.ts', '../stores/secrets/port.ts'],
  ['stores-import-leaves-only', 'stores/secrets/port.ts', '../../workflows/connection/workflow.ts'],
  ['providers-import-leaves-only', 'providers/sky/client.ts', '../../activities/refresh-credential.ts'],
  ['workflows-are-deterministic', 'workflows/connection/workflow.ts', '@temporalio/client'],
  ['workflows-are-deterministic', 'workflows/discovery/workflow.ts', 'node:crypto'],
  ['workflows-are-deterministic', 'workflows/batch.ts', '../platform/clock.ts'],
  ['activities-act-for-workflows', 'activities/verify.ts', '../workflows/connection/state.ts'],
  ['providers-stand-alone', 'providers/sky/client.ts', '../sea/client.ts'],
  ['manifests-are-data', 'providers/sky/manifest.ts', './schema.ts'],
  ['worker-hosts', 'worker/main.ts', '../api/app.ts'],
  ['sandbox-is-the-other-side', 'sandbox/main.ts', '../providers/sky/client.ts'],
  ['cli-talks-over-http', 'cli/commands/list.ts', '../../contracts/ids.ts'],
  ['the-client-stands-alone', 'cli/client/client.ts', '../output/table.ts'],
  ['adapters-are-composed', 'api/plugins/secrets.ts', '../../stores/secrets/vault.ts'],
  ['adapters-are-composed', 'worker/health.ts', '../stores/ephemeral/redis.ts'],
  ['adapters-are-composed', 'activities/revoke.ts', '../providers/registry.ts'],
  ['providers-are-registered', 'activities/exchange.ts', '../providers/sky/index.ts'],
  ['one-door-to-subprocesses', 'activities/list-resources.ts', 'execa'],
  ['one-door-to-subprocesses', 'stores/secrets/sqlite.ts', 'node:child_process'],
  ['production-dependencies-only', 'api/console.ts', 'vitest'],
  ['imports-resolve', 'api/pages.ts', './gone.ts'],
  ['no-cycles', 'platform/chicken.ts', './egg.ts'],
];

/** The other half of the cycle above; a cycle is reported once. */
const closing: Import = ['platform/egg.ts', './chicken.ts'];

/** Imports that the rules allow. */
const allowed: readonly Import[] = [
  ['workflows/connection/workflow.ts', '../../contracts/ids.ts'],
  ['workflows/connection/workflow.ts', '@temporalio/workflow'],
  ['platform/temporal/payload-codec.ts', '../../contracts/refused-payload.ts'],
  ['stores/secrets/vault.ts', '../../platform/clock.ts'],
  ['stores/secrets/vault.ts', '../../contracts/ids.ts'],
  ['activities/refresh-credential.ts', '../stores/secrets/port.ts'],
  ['activities/refresh-credential.ts', '../providers/http/http.ts'],
  ['providers/cli/run-cli.ts', 'execa'],
  ['providers/registry.ts', './sky/index.ts'],
  ['providers/manifests/all.ts', '../sky/manifest.ts'],
  ['providers/sky/index.ts', './client.ts'],
  ['cli/child.ts', 'node:child_process'],
  ['cli/commands/list.ts', '../client/index.ts'],
  ['api/app.ts', '../providers/manifests/all.ts'],
  ['api/app.ts', '@temporalio/client'],
  ['api/compose.ts', '../stores/secrets/vault.ts'],
  ['worker/compose.ts', '../providers/registry.ts'],
  ['test/support/stores.ts', '../../stores/secrets/vault.ts'],
];

const npm = ['@temporalio/workflow', '@temporalio/client', 'execa', 'vitest'];

/** Enough of each package for the resolver to find it. */
const packages = {
  'package.json': JSON.stringify({
    dependencies: { '@temporalio/workflow': '1.0.0', '@temporalio/client': '1.0.0', execa: '1.0.0' },
    devDependencies: { vitest: '1.0.0' },
  }),
  ...Object.fromEntries(
    npm.flatMap((name) => [
      [`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' })],
      [`node_modules/${name}/index.js`, 'exports.it = 1;'],
    ]),
  ),
};

/** Files with these imports; every imported file exists except `gone.ts`. */
function house(imports: readonly Import[]): Record<string, string> {
  const files: Record<string, string> = {};
  for (const [from, specifier] of imports) {
    const target = join(from, '..', specifier);
    if (specifier.startsWith('.') && !target.endsWith('gone.ts')) files[target] ??= 'export const it = 1;\n';
    files[from] = `import '${specifier}';\n${files[from] ?? 'export const it = 1;\n'}`;
  }
  return files;
}

/** The tool does not run unless every folder that it is given exists. */
const folders = ['contracts', 'platform', 'stores', 'providers', 'workflows', 'activities', 'api', 'worker', 'cli'];
const tooling = ['sandbox', 'scripts', 'test', 'bench'];
const present = Object.fromEntries([...folders, ...tooling].map((folder) => [`${folder}/present.ts`, '']));

/** One text for each import that the report names; the report writes a cycle on several lines. */
async function cruise(files: Record<string, string>): Promise<readonly string[]> {
  const ours = ['.dependency-cruiser.cjs', 'tsconfig.json'];
  await using repository = plant({ ...packages, ...present, ...files }, { ours });
  const { problems } = await commandCheck('arrows').run(repository);
  const report = problems.map((line) => line.trim()).join(' ');
  return [...report.matchAll(/error [\w-]+: .*?(?= error | x \d+ |$)/g)].map(([violation]) => violation);
}

describe('the dependency arrows', () => {
  let problems: readonly string[];
  beforeAll(async () => {
    problems = await cruise(house([closing, ...forbidden.map(([, from, specifier]): Import => [from, specifier])]));
  });

  test.for(forbidden)('%s: %s may not import %s', ([rule, from, specifier]) => {
    const target = specifier.startsWith('./gone') ? specifier : specifier.replace(/^(?:\.\.?\/)+/, '');
    const found = problems.filter((problem) => problem.startsWith(`error ${rule}: ${from} → `));
    expect(found).toEqual([expect.stringContaining(target.replace('node:', ''))]);
  });

  test('every rule of the configuration has an example that breaks it', async () => {
    const { default: configuration } = await import('../../../.dependency-cruiser.cjs');
    const rules = configuration.forbidden.map(({ name }: { name: string }) => name);
    expect([...new Set(forbidden.map(([rule]) => rule))].toSorted()).toEqual(rules.toSorted());
  });

  test('imports that follow the rules are no problem', async () => {
    expect(await cruise(house(allowed))).toEqual([]);
  });

  test('a type-only import is checked like any other import', async () => {
    const broken = await cruise({
      'activities/refresh-credential.ts': 'export type Facts = string;\n',
      'api/app.ts':
        "import type { Facts } from '../activities/refresh-credential.ts';\nexport const facts: Facts = '';\n",
    });
    expect(broken).toEqual(['error api-never-acts: api/app.ts → activities/refresh-credential.ts']);
  });
});
