import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXIT_CONFIG } from '../../platform/config.ts';
import { build } from '../../scripts/build/build.ts';

const root = join(import.meta.dirname, '../..');
const product = ['contracts', 'platform', 'stores', 'providers', 'workflows', 'activities', 'api', 'worker', 'cli'];

const filesBelow = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
};

describe('the build', () => {
  let outDir: string;
  let built: string[];
  beforeAll(async () => {
    // Inside the repository: the compiled code finds its packages by walking up from where it stands.
    const artifacts = join(root, 'test/.artifacts');
    await mkdir(artifacts, { recursive: true });
    outDir = await mkdtemp(join(artifacts, 'build-'));
    await build(outDir);
    built = (await filesBelow(outDir)).map((path) => path.slice(outDir.length + 1));
  }, 120_000);
  afterAll(async () => {
    await rm(outDir, { recursive: true, force: true });
  });

  test('the build has a compiled file for every source, and every other file that the product reads', async () => {
    const sources = (await Promise.all(product.map((folder) => filesBelow(join(root, folder))))).flat();
    const expected = sources
      .map((path) => path.slice(root.length + 1))
      .filter((path) => !path.endsWith('.md') && !path.endsWith('.d.ts'))
      .map((path) => path.replace(/\.ts$/, '.js'));
    expect(built).toEqual(expect.arrayContaining(expected));
  });

  test('the build imports no TypeScript, so Node runs it as it is', async () => {
    const scripts = built.filter((path) => path.endsWith('.js') && path !== 'workflow-bundle.js');
    const texts = await Promise.all(scripts.map(async (path) => await readFile(join(outDir, path), 'utf8')));
    expect(scripts.filter((_, index) => /(?:from|import)\s*\(?['"]\.[^'"]*\.ts['"]/.test(texts[index] ?? ''))).toEqual(
      [],
    );
  });

  test('the build has the workflows as one bundle', async () => {
    expect(await readFile(join(outDir, 'workflow-bundle.js'), 'utf8')).toContain('connection');
  });

  test.for(['api', 'worker'])(
    'the built %s without an environment names all missing variables and exits with EX_CONFIG',
    async (name) => {
      const started = await execa(process.execPath, [join(outDir, name, 'main.js')], {
        reject: false,
        extendEnv: false,
        env: {},
        timeout: 20_000,
      });
      expect(started.exitCode).toBe(EXIT_CONFIG);
      for (const variable of ['TEMPORAL_ADDRESS', 'VAULT_ADDR', 'REDIS_URL', 'MOORING_KEYS']) {
        expect(started.stderr).toContain(variable);
      }
    },
  );

  test('the build has no sandbox, no tests, and only the scripts that an operator runs next to a worker', () => {
    const parts = new Set(built.map((path) => path.replace(/\/.*/, '')));
    expect(parts).toEqual(new Set([...product, 'workflow-bundle.js', 'scripts']));
    const scripts = built.filter((path) => path.startsWith('scripts/') && path.endsWith('.js'));
    expect(scripts.filter((path) => !/^scripts\/(?:key|replay)(?:\.js$|\/)/.test(path))).toEqual([]);
  });

  test('the built replay program prints its usage and names the missing key ring', async () => {
    const replay = async (...args: string[]) =>
      await execa(process.execPath, [join(outDir, 'scripts/replay.js'), ...args], {
        reject: false,
        extendEnv: false,
        env: {},
        cwd: outDir,
        timeout: 20_000,
      });
    expect((await replay('--help')).stdout).toContain('npm run replay -- ');
    const { exitCode, stderr } = await replay('--address', '127.0.0.1:1');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('MOORING_KEYS is not set');
  });

  test('the built mooring program runs, and programs find the typed client with its declarations', async () => {
    const mooring = async (...args: string[]) =>
      await execa(process.execPath, [join(outDir, 'cli/main.js'), ...args], {
        reject: false,
        extendEnv: false,
        env: { XDG_CONFIG_HOME: outDir },
        timeout: 20_000,
      });
    expect((await mooring('--help')).stdout).toContain('connection');
    expect(await mooring('connection', 'list')).toMatchObject({ exitCode: 4 });
    const client = (await import(join(outDir, 'cli/client/index.js'))) as Record<string, unknown>;
    expect(client['createMooringClient']).toBeTypeOf('function');
    expect(built).toContain('cli/client/index.d.ts');
    expect(built).toContain('cli/client/generated/openapi.d.ts');
  });

  test('a strict TypeScript program compiles against the built client, and what misuses it does not', async () => {
    const file = join(outDir, 'program.ts');
    const lines = [
      `import { createMooringClient } from './cli/client/index.js';`,
      `const client = createMooringClient({ url: 'http://localhost:5000' });`,
      `const { status } = await client.get('/v1/connections/{id}', { params: { path: { id: 'con_1' } } });`,
      `export const isActive: boolean = status === 'active';`,
      '// @ts-expect-error -- there is no such status',
      `export const isWrong: boolean = status === 'activ';`,
      '// @ts-expect-error -- there is no such path',
      `await client.get('/v1/conections', {});`,
      '// @ts-expect-error -- the id is missing',
      `await client.get('/v1/connections/{id}', { params: {} });`,
    ];
    await writeFile(file, lines.join('\n'));
    const flags = [
      '--noEmit',
      '--strict',
      '--exactOptionalPropertyTypes',
      '--module',
      'nodenext',
      '--target',
      'es2023',
    ];
    const compiler = ['--ignoreConfig', '--types', 'node', ...flags, file];
    const { stdout } = await execa('tsc', compiler, { cwd: root, preferLocal: true, reject: false });
    await rm(file);

    expect(stdout).toBe('');
  }, 120_000);

  test('the built key program makes keys, and its status command names all missing variables', async () => {
    const key = async (...args: string[]) =>
      await execa(process.execPath, [join(outDir, 'scripts/key.js'), ...args], {
        reject: false,
        extendEnv: false,
        env: {},
        cwd: outDir,
        timeout: 20_000,
      });
    expect((await key('k9')).stdout).toMatch(/^k9:[A-Za-z0-9+/]{43}=$/);
    const status = await key('status');
    expect(status.exitCode).toBe(2);
    for (const variable of ['TEMPORAL_ADDRESS', 'VAULT_ADDR', 'MOORING_KEYS'])
      expect(status.stderr).toContain(variable);
  });
});
