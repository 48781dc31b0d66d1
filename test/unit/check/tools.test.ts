import { describe, expect, test } from 'vitest';
import { deadCode } from '../../../scripts/check/dead-code.ts';
import { format } from '../../../scripts/check/format.ts';
import { lint } from '../../../scripts/check/lint.ts';
import { openapi } from '../../../scripts/check/openapi.ts';
import { types } from '../../../scripts/check/types.ts';
import { plant } from './plant.ts';

const esm = { 'package.json': '{ "type": "module" }\n' };

describe('format', () => {
  test('a file that Prettier would change is named', async () => {
    await using repository = plant(
      { 'api/app.ts': 'export const  port=5000', 'api/main.ts': 'export const port = 5000;\n' },
      { ours: ['.prettierrc.json', '.prettierignore'] },
    );
    const { problems } = await format.run(repository);
    expect(problems).toEqual([expect.stringContaining('api/app.ts')]);
  });
});

describe('types', () => {
  test('a type error fails, with its place', async () => {
    await using repository = plant(
      { ...esm, 'api/app.ts': "export const port: number = '5000';\n" },
      { ours: ['tsconfig.json'], packages: true },
    );
    const { problems } = await types.run(repository);
    expect(problems).toEqual([expect.stringMatching(/^api\/app\.ts\(1,14\): error TS2322/)]);
  });

  test('syntax that Node cannot strip is an error', async () => {
    await using repository = plant(
      { ...esm, 'api/app.ts': 'export enum Status {\n  active,\n}\n' },
      { ours: ['tsconfig.json'], packages: true },
    );
    const { problems } = await types.run(repository);
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
    ['a promise that nobody awaits', 'typescript(no-floating-promises)'],
    ['a promise where none is looked at', 'typescript(no-misused-promises)'],
    ['a switch that forgets a case', 'typescript(switch-exhaustiveness-check)'],
    ['a value import of a type', 'typescript(consistent-type-imports)'],
    ['a console call in the product', 'eslint(no-console)'],
    ['two files that import each other', 'import(no-cycle)'],
  ] as const)('%s is found', async ([, rule]) => {
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
    return (await lint.run(repository)).problems;
  }

  test('a configuration that switches the type-aware rules off is itself a problem', async () => {
    await using repository = plant(
      {
        'tsconfig.json': JSON.stringify({ compilerOptions: { ...compilerOptions, types: ['gone'] } }),
        'activities/facts.ts': 'export const it = 1;\n',
      },
      { ours: ['.oxlintrc.json'] },
    );
    expect((await lint.run(repository)).problems).not.toEqual([]);
  });
});

describe('dead-code', () => {
  test('what no entry point reaches, what nothing imports and what nothing needs is named', async () => {
    await using repository = plant(
      {
        'package.json': JSON.stringify({ name: 'planted', type: 'module', dependencies: { left: '1.0.0' } }),
        'api/main.ts': "import { used } from './app.ts';\nprocess.exitCode = used;\n",
        'api/app.ts': 'export const used = 0;\nexport const unused = 1;\n',
        'api/forgotten.ts': 'export const it = 1;\n',
      },
      { ours: ['knip.json', 'tsconfig.json'] },
    );
    const { problems } = await deadCode.run(repository);
    expect(problems.toSorted()).toEqual([
      'api/app.ts:2: unused export unused',
      'api/forgotten.ts: no entry point reaches this file',
      'package.json: unused dependency left',
    ]);
  });
});

describe('openapi', () => {
  test('a description without operation ids and answers for errors is refused', async () => {
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
    const { problems } = await openapi.run(repository);
    expect(problems.join('\n')).toContain('operation-operationId');
  });

  test('a missing description is a problem, with its remedy', async () => {
    await using repository = plant({}, { ours: [] });
    const { problems } = await openapi.run(repository);
    expect(problems).toEqual(['docs/openapi.json: is missing; run npm run generate']);
  });
});
