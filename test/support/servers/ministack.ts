import { anyFreePort } from '../../../scripts/dev/ports.ts';
import { launch } from './launch.ts';

/** An AWS STS and IAM that enforce signatures, trust policies and external IDs. */
export async function startMinistack(path: string) {
  const port = await anyFreePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await launch({
    name: 'ministack',
    path,
    args: [],
    env: { AUTH: 'true', GATEWAY_PORT: String(port), BIND_HOST: '127.0.0.1' },
    ready: async () => await isHealthy(url),
  });
  return { url, stop: server.stop };
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/_ministack/health`)).ok;
  } catch {
    return false;
  }
}
