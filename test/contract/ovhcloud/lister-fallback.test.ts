import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Cli } from '../../../providers/cli/run-cli.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { contextAt, listedBy, listerWith, startCli, testProgram, noProgram } from './lister-harness.ts';
import { projectId, recordedWorld } from './recorded-world.ts';
import { startWorldApi, type WorldApi } from './world-api.ts';

let cli: Cli;
let program: string;
let api: WorldApi;
let folder: string;
beforeAll(async () => {
  cli = startCli();
  program = await testProgram();
  folder = temporaryFolder();
});
afterEach(() => api.close());
afterAll(() => cli.close());

const start = async () => contextAt((api = await startWorldApi(recordedWorld)).endpoint);

async function script(name: string, body: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, body);
  await chmod(path, 0o755);
  return path;
}

describe('where the ovhcloud program cannot be used', () => {
  test('lists come over REST with a notice where the ovhcloud program is missing', async () => {
    const code = 'ovhcloud_missing';
    const lister = listerWith({ cli, program: noProgram });
    const listing = await listedBy(lister, await start(), 'instance', projectId);
    expect(listing).toMatchObject({ source: 'rest', complete: true, notice: { code } });
    expect(listing.rows.map(({ name }) => name)).toEqual(['web-1', 'web-2']);
    expect(await lister.readiness()).toMatchObject({ source: 'rest', version: null, notice: { code } });
  });

  test('lists come over REST with a notice where the ovhcloud program is of an unknown release', async () => {
    const other = await script('other.mjs', 'process.stdout.write("usage: ovhcloud frobnicate\\n");');
    const listing = await listedBy(listerWith({ cli, program: other }), await start(), 'volume', projectId);
    expect(listing).toMatchObject({ source: 'rest', notice: { code: 'ovhcloud_dialect_unknown' } });
  });

  test('a kind whose command the program lacks is listed over REST, and other kinds still by the program', async () => {
    const lacking = await script(
      'lacking.mjs',
      `import { execFileSync } from 'node:child_process';
       const args = process.argv.slice(2);
       if (args[1] === 'storage-swift') process.stdout.write('Manage\\n\\nUsage:\\n  ovhcloud cloud [command]\\n');
       else process.stdout.write(execFileSync(${JSON.stringify(program.endsWith('.mjs') ? process.execPath : program)},
         [...${JSON.stringify(program.endsWith('.mjs') ? [program] : [])}, ...args]));`,
    );
    const lister = listerWith({ cli, program: lacking });
    const context = await start();
    const swift = await listedBy(lister, context, 'object_storage_swift', projectId);
    const volumes = await listedBy(lister, context, 'volume', projectId);
    expect(swift).toMatchObject({ source: 'rest', notice: { code: 'ovhcloud_dialect_unknown' } });
    expect(swift.rows).toHaveLength(1);
    expect(volumes).toMatchObject({ source: 'cli', notice: null });
  });
});

describe('with a working ovhcloud program', () => {
  test('readiness names the version of the ovhcloud program', async () => {
    await start();
    const readiness = await listerWith({ cli, program }).readiness();
    expect(readiness).toEqual({ source: 'cli', version: '0.5.0-16-g546f3c8', notice: null });
  });

  test('a list by the program that takes too long times out as a transient error, and is not read over REST', async () => {
    api = await startWorldApi(recordedWorld, (path) => (path.endsWith('/kube') ? 'hang' : undefined));
    const lister = listerWith({ cli, program, limits: { timeoutMs: 1_000, maxBytes: 1_000_000 } });
    await expect(listedBy(lister, contextAt(api.endpoint), 'kubernetes', projectId)).rejects.toMatchObject({
      class: 'transient',
      problem: { code: 'listing_timed_out', message: expect.stringContaining('1 s') as unknown },
    });
  });

  test('a list by the program that exceeds the size limit is an error, not a truncated list', async () => {
    const lister = listerWith({ cli, program, limits: { timeoutMs: 20_000, maxBytes: 1_000 } });
    await expect(listedBy(lister, await start(), 'instance', projectId)).rejects.toMatchObject({
      class: 'config',
      problem: { code: 'listing_too_large' },
    });
  });

  test('a response that makes the program panic is reported as a crash of the program', async () => {
    api = await startWorldApi(recordedWorld, (path) =>
      path.endsWith('/network/private/pn-1001_1')
        ? { status: 200, body: { id: 'pn-1001_1', regions: null } }
        : undefined,
    );
    const lister = listerWith({ cli, program });
    await expect(listedBy(lister, contextAt(api.endpoint), 'private_network', projectId)).rejects.toMatchObject({
      class: 'transient',
      problem: { code: 'ovhcloud_crashed' },
    });
  });
});
