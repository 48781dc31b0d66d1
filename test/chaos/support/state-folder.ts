import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** For one stack alone; whoever stops the stack removes it, since a stack that still runs would write into it. */
export const makeStateFolder = async (): Promise<string> => await mkdtemp(join(tmpdir(), 'mooring-chaos-'));

export const removeStateFolder = async (path: string): Promise<void> =>
  await rm(path, { recursive: true, force: true });
