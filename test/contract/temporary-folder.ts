import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll } from 'vitest';

/** A folder of one suite (or one test, with its `onTestFinished`) alone, removed after it. */
export async function temporaryFolder(after: (remove: () => Promise<void>) => void = afterAll): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mooring-stores-'));
  after(async () => await rm(folder, { recursive: true, force: true }));
  return folder;
}
