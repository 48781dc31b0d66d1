import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { isRunning, told } from './processes.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

test.each([['SIGKILL'], ['SIGTERM']] as const)(
  'a worker that ends by %s mid-run leaves no process and no folder behind',
  async (signal) => {
    const file = join(temporaryFolder(), 'told');
    const args = ['--experimental-strip-types', '--no-warnings', at('programs/worker.ts')];
    const worker = execa(process.execPath, [...args, at('programs/stubborn.mjs'), file], { reject: false });
    await eventually('the program runs', () => told(file) !== undefined);
    const { pids, folder } = told(file)!;

    worker.kill(signal);
    await worker;

    await eventually('program and child are gone', () => !pids.some((pid) => isRunning(pid)));
    await eventually('its folder is gone', () => !existsSync(folder));
    expect(pids).toHaveLength(2);
  },
);
