import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll } from 'vitest';

/** A folder of this suite alone, removed after it. Call it at the top of a suite or in its `beforeAll`. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mooring-stores-'));
  afterAll(async () => await rm(folder, { recursive: true, force: true }));
  return folder;
}
