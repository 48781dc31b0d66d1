import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const root = join(import.meta.dirname, '../../../..');

/** In a process of its own, because the umask is one of the whole process. */
const writeAll = async (path: string): Promise<void> => {
  const code = `
    process.umask(0);
    const { openStateDirectory, lockStateDirectory, writeDevInfo } = await import('./scripts/dev/state-directory.ts');
    const { openChildLog } = await import('./scripts/dev/child-log.ts');
    const directory = openStateDirectory(${JSON.stringify(path)});
    directory.keyRing();
    directory.codecPathToken();
    writeDevInfo(directory, { apiKey: 'mrg_key' });
    openChildLog(directory.file('logs/api.log'), () => undefined).close();
    lockStateDirectory(directory)();`;
  await execa(process.execPath, ['--experimental-strip-types', '--input-type=module', '--eval', code], { cwd: root });
};

const modeOf = (path: string): number => statSync(path).mode & 0o777;

test('every file of npm start can be read by its owner alone, whatever the umask', async () => {
  const path = join(temporaryFolder(), '.mooring');
  await writeAll(path);
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  expect(files.map(({ name }) => name).toSorted()).toEqual([
    'api.log',
    'codec-path-token',
    'dev.json',
    'key-ring',
    'lock',
  ]);
  for (const file of files) expect([file.name, modeOf(join(file.parentPath, file.name))]).toEqual([file.name, 0o600]);
  expect([modeOf(path), modeOf(join(path, 'logs'))]).toEqual([0o700, 0o700]);
});

test('a state directory that others could read is closed to them', async () => {
  const path = join(temporaryFolder(), '.mooring');
  mkdirSync(path, { mode: 0o755 });
  writeFileSync(join(path, 'key-ring.new'), '', { mode: 0o644 });
  await writeAll(path);
  expect(modeOf(path)).toBe(0o700);
  expect(modeOf(join(path, 'key-ring'))).toBe(0o600);
});
