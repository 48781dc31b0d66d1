import { execa } from 'execa';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { anyFreePort } from '../../../../scripts/dev/ports.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const root = join(import.meta.dirname, '../../../..');

/** Runs the script behind `npm start`. Its Temporal address is not used before the configuration is valid. */
async function start(environment: Record<string, string>) {
  const stateDirectory = join(temporaryFolder(), '.mooring');
  const result = await execa(process.execPath, ['--experimental-strip-types', join(root, 'scripts/dev.ts')], {
    env: {
      PORT: String(await anyFreePort()),
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      MOORING_STATE_DIR: stateDirectory,
      NODE_NO_WARNINGS: '1',
      ...environment,
    },
    reject: false,
    timeout: 25_000,
  });
  return { ...result, stateDirectory };
}

test('npm start with a port in use ends with one sentence and exit code 1', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address ? address.port : 0;

  const { exitCode, stderr } = await start({ PORT: String(port) });

  expect(stderr).toMatch(new RegExp(`^Port ${port} is in use by another program .*: stop it, or choose another port`));
  expect(stderr.split('\n')).toHaveLength(1);
  expect(exitCode).toBe(1);
});

test.each([
  ['REDIS_URL', 'localhost', 'REDIS_URL is not valid: it must be a redis://'],
  ['PUBLIC_URL', 'mooring.example', 'PUBLIC_URL "mooring.example" is not valid: it must be an http or https URL.'],
  ['VAULT_ADDR', 'http://127.0.0.1:1', 'VAULT_ADDR is set without VAULT_ROLE_ID and VAULT_SECRET_ID'],
])(
  'a wrong %s ends npm start with its message and exit code 1, and no dev.json is left',
  async (name, value, sentence) => {
    const { exitCode, stderr, stdout, stateDirectory } = await start({ [name]: value });

    expect(stderr).toContain(sentence);
    expect(exitCode).toBe(1);
    expect(stdout).not.toContain('Mooring is up');
    expect(existsSync(join(stateDirectory, 'dev.json'))).toBe(false);
  },
);
