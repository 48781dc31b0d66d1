import { cpSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, inject, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { prepareVault } from './prepared-vault.ts';

const { vault: component } = inject('components');
const deploy = join(import.meta.dirname, '../../deploy');

describe.skipIf(component === null)('deploy/write-vault-credentials.sh on Vault', () => {
  async function prepare() {
    if (component === null) throw new Error('This suite needs Vault.');
    const { mount, address } = await prepareVault(component);
    const folder = join(temporaryFolder(), 'deploy');
    cpSync(deploy, folder, { recursive: true, filter: (path) => !path.endsWith('.env') });
    const secrets = join(folder, 'secrets');
    const run = async (overrides: Record<string, string> = {}) =>
      await execa('sh', ['-c', `umask 000; exec sh ${join(folder, 'write-vault-credentials.sh')}`], {
        env: {
          PATH: `${dirname(component.path)}${delimiter}${process.env['PATH'] ?? ''}`,
          VAULT_ADDR: address,
          VAULT_TOKEN: component.rootToken,
          VAULT_MOUNT: mount,
          ...overrides,
        },
        reject: false,
      });
    const files = () => readdirSync(secrets).filter((name) => name !== '.gitignore');
    return { secrets, run, files, read: (name: string) => readFileSync(join(secrets, name), 'utf8') };
  }

  test('the files with the credentials can be read by their owner alone, also where older ones could be read by others', async () => {
    const { secrets, run, files, read } = await prepare();
    writeFileSync(join(secrets, 'api.env'), 'VAULT_ROLE_ID=old\n', { mode: 0o644 });
    expect(await run()).toMatchObject({ exitCode: 0 });
    expect(files()).toEqual(['api.env', 'worker.env']);
    for (const name of files()) {
      expect(statSync(join(secrets, name)).mode & 0o777).toBe(0o600);
      expect(statSync(join(secrets, name)).uid).toBe(statSync(secrets).uid);
      expect(read(name)).toMatch(/^VAULT_ROLE_ID=[\w-]{36}\n# Ends on .+\nVAULT_SECRET_ID=[\w-]{36}\n$/);
    }
  });

  test('a run that fails leaves the files as they were, and no other', async () => {
    const { run, files, read } = await prepare();
    await run();
    const before = files().map(read);
    expect((await run({ VAULT_TOKEN: 'of-nobody' })).exitCode).not.toBe(0);
    expect(files().map(read)).toEqual(before);
  });
});
