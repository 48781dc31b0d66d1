import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { commandCheck, composeConfig } from '../../../scripts/check/commands.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { plant } from './plant.ts';

const esm = { 'package.json': '{ "type": "module" }\n' };

test('a command that succeeds reports no problem, whatever it prints', async () => {
  await using repository = plant({ 'a.json': '{ "a": 1 }\n' }, { ours: ['.prettierrc.json'] });
  expect(await commandCheck('any', 'prettier --check .').run(repository)).toEqual({ problems: [] });
});

test('a check whose command cannot be started fails', async () => {
  await using repository = plant({}, { ours: [] });
  await expect(commandCheck('any', 'gone --version').run(repository)).rejects.toThrow('gone could not be started');
});

describe('format', () => {
  test('the check format names a file that Prettier would change', async () => {
    await using repository = plant(
      { 'api/app.ts': 'export const  port=5000', 'api/main.ts': 'export const port = 5000;\n' },
      { ours: ['.prettierrc.json', '.prettierignore'] },
    );
    const { problems } = await commandCheck('format').run(repository);
    expect(problems.join('\n')).toContain('api/app.ts');
    expect(problems.join('\n')).not.toContain('api/main.ts');
  });
});

describe('types', () => {
  test('the check types reports a type error with its place', async () => {
    await using repository = plant(
      { ...esm, 'api/app.ts': "export const port: number = '5000';\n" },
      { ours: ['tsconfig.json'], packages: true },
    );
    const { problems } = await commandCheck('types').run(repository);
    expect(problems).toEqual([expect.stringMatching(/^api\/app\.ts\(1,14\): error TS2322/)]);
  });

  test('the check types reports syntax that Node cannot strip', async () => {
    await using repository = plant(
      { ...esm, 'api/app.ts': 'export enum Status {\n  active,\n}\n' },
      { ours: ['tsconfig.json'], packages: true },
    );
    const { problems } = await commandCheck('types').run(repository);
    expect(problems).toEqual([expect.stringContaining('TS1294')]);
  });
});

describe('lint', () => {
  const compilerOptions = {
    strict: true,
    noEmit: true,
    module: 'nodenext',
    lib: ['es2024', 'dom'],
    allowImportingTsExtensions: true,
  };
  const broken = `
import { Facts } from './facts.ts';

async function refresh(): Promise<void> {
  await Promise.resolve();
}

export function upkeep(facts: Facts, status: 'active' | 'degraded'): void {
  refresh();
  ['a'].forEach(async () => await refresh());
  switch (status) {
    case 'active':
      console.log(facts);
  }
}
`;

  test.for([
    ['a promise that is not awaited', 'typescript(no-floating-promises)'],
    ['a promise where none is expected', 'typescript(no-misused-promises)'],
    ['a switch that forgets a case', 'typescript(switch-exhaustiveness-check)'],
    ['a value import of a type', 'typescript(consistent-type-imports)'],
    ['a console call in the product', 'eslint(no-console)'],
    ['two files that import each other', 'import(no-cycle)'],
  ] as const)('the check lint finds %s', async ([, rule]) => {
    expect((await planted()).join('\n')).toContain(rule);
  });

  let found: Promise<readonly string[]> | undefined;
  const planted = (): Promise<readonly string[]> => (found ??= lintBroken());

  async function lintBroken(): Promise<readonly string[]> {
    await using repository = plant(
      {
        'tsconfig.json': JSON.stringify({ compilerOptions: { ...compilerOptions, types: [] } }),
        'activities/upkeep.ts': broken,
        'activities/facts.ts':
          "import { upkeep } from './upkeep.ts';\nexport interface Facts {\n  it: typeof upkeep;\n}\nupkeep;\n",
      },
      { ours: ['.oxlintrc.json'] },
    );
    return (await commandCheck('lint').run(repository)).problems;
  }

  test('the check lint fails where a broken configuration switches the type-aware rules off', async () => {
    await using repository = plant(
      {
        'tsconfig.json': JSON.stringify({ compilerOptions: { ...compilerOptions, types: ['gone'] } }),
        'activities/facts.ts': 'export const it = 1;\n',
      },
      { ours: ['.oxlintrc.json'] },
    );
    expect((await commandCheck('lint').run(repository)).problems).not.toEqual([]);
  });
});

describe('dead-code', () => {
  test('the check dead-code names unused files, unused exports and unused dependencies', async () => {
    await using repository = plant(
      {
        'package.json': JSON.stringify({ name: 'planted', type: 'module', dependencies: { left: '1.0.0' } }),
        'api/main.ts': "import { used } from './app.ts';\nprocess.exitCode = used;\n",
        'api/app.ts': 'export const used = 0;\nexport const unused = 1;\n',
        'api/forgotten.ts': 'export const it = 1;\n',
      },
      { ours: ['knip.json', 'tsconfig.json'] },
    );
    const { problems } = await commandCheck('dead-code').run(repository);
    expect(problems.map((line) => line.trim().replaceAll(/\s+/g, ' '))).toEqual([
      'Unused files (1)',
      'api/forgotten.ts',
      'Unused dependencies (1)',
      'left package.json',
      'Unused exports (1)',
      'unused api/app.ts:2:14',
    ]);
  });
});

describe('openapi', () => {
  test('the check openapi refuses a description without operation ids', async () => {
    await using repository = plant(
      {
        'docs/openapi.json': JSON.stringify({
          openapi: '3.1.0',
          info: { title: 'Mooring', version: '1' },
          paths: { '/v1/connections': { get: { responses: { 200: { description: 'Connections' } } } } },
        }),
      },
      { ours: ['redocly.yaml'] },
    );
    const { problems } = await commandCheck('openapi').run(repository);
    expect(problems.join('\n')).toContain('operation-operationId');
  });
});

describe('compose-config', () => {
  const file = { 'docker-compose.yml': 'services:\n  a:\n    environment: { B: "${NEEDED:?sentence}" }\n' };

  /** A `docker` that answers `compose version` and runs `script` for any other command. */
  function dockerThat(script: string): void {
    const folder = temporaryFolder();
    const program = join(folder, 'docker');
    writeFileSync(program, `#!/bin/sh\nif [ "$2" = version ]; then echo 2.40.0; exit; fi\n${script}\n`);
    chmodSync(program, 0o755);
    vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH'] ?? ''}`);
    onTestFinished(() => void vi.unstubAllEnvs());
  }

  test('the check compose-config reports a refusal of Compose in the words of Compose', async () => {
    dockerThat('echo "services.a: unknown key" >&2; exit 15');
    await using repository = plant(file, { ours: [] });
    expect((await composeConfig.run(repository)).problems).toEqual(['docker-compose.yml: services.a: unknown key']);
  });

  test('the check compose-config sets every required variable, so that only the file itself can be refused', async () => {
    dockerThat('grep -qx NEEDED=check "$3/.env"');
    await using repository = plant(file, { ours: [] });
    expect(await composeConfig.run(repository)).toEqual({ problems: [], note: 'compose 2.40.0' });
  });

  test('the check compose-config says that it did not run where Compose is not installed', async () => {
    vi.stubEnv('PATH', '');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    await using repository = plant(file, { ours: [] });
    expect(await composeConfig.run(repository)).toEqual({
      problems: [],
      note: 'not run: docker compose is not installed',
    });
  });
});
