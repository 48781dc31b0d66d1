import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, anyFreePort } from '../../../scripts/dev/ports.ts';
import { launch } from './launch.ts';

/** A Redis that keeps nothing. */
export async function startRedis(path: string) {
  const port = await anyFreePort();
  const folder = await mkdtemp(join(tmpdir(), 'mooring-redis-'));
  const server = await launch({
    name: 'Redis',
    path,
    args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
    ready: async () => await answers(port),
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { url: `redis://127.0.0.1:${port}`, path, stop };
}
