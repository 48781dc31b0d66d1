import { join } from 'node:path';
import { anyFreePort } from '../../../../scripts/dev/ports.ts';
import { answersAt, createChild } from './child.ts';

/** The network between two parts: every connection between them goes through it. */
export interface Link {
  /** Who calls whom: `worker-1-vault`. */
  readonly name: string;
  /** What the caller is given in the place of the real port, on the loopback address. */
  readonly port: number;
  /** Ends all connections and refuses new ones. */
  cut(): Promise<void>;
  slow(latencyMs: number): Promise<void>;
  /**
   * Takes everything and passes nothing on: requests (`upstream`), or, once they have been carried out, the answers
   * (`downstream`).
   */
  swallow(direction: 'upstream' | 'downstream'): Promise<void>;
  heal(): Promise<void>;
}

export interface Network {
  link(name: string, upstreamPort: number): Promise<Link>;
  stop(): Promise<void>;
}

const TOXIC = 'chaos';

/** Toxiproxy, and one proxy for each link. */
export async function startNetwork(program: string, folder: string): Promise<Network> {
  const port = await anyFreePort();
  const api = `http://127.0.0.1:${port}`;
  const child = createChild({
    name: 'toxiproxy',
    launch: () => ({
      command: program,
      args: ['-host', '127.0.0.1', '-port', String(port)],
      environment: { LOG_LEVEL: 'error' },
    }),
    logFile: join(folder, 'toxiproxy.log'),
    isReady: () => answersAt(`${api}/version`),
  });
  await child.start();

  async function call(method: string, path: string, body?: object): Promise<number> {
    const response = await fetch(`${api}${path}`, { method, ...(body && { body: JSON.stringify(body) }) });
    const text = await response.text();
    if (response.status >= 400 && response.status !== 404) throw new Error(`${method} ${path}: ${text}`);
    return response.status;
  }

  return {
    async link(name, upstreamPort) {
      const listenPort = await anyFreePort();
      const address = { listen: `127.0.0.1:${listenPort}`, upstream: `127.0.0.1:${upstreamPort}` };
      await call('POST', '/proxies', { name, ...address, enabled: true });
      const poison = async (type: string, stream: string, attributes: object) =>
        void (await call('POST', `/proxies/${name}/toxics`, { name: TOXIC, type, stream, attributes }));
      return {
        name,
        port: listenPort,
        cut: async () => void (await call('POST', `/proxies/${name}`, { enabled: false })),
        slow: async (latencyMs) => {
          await poison('latency', 'downstream', { latency: latencyMs, jitter: Math.round(latencyMs / 4) });
        },
        // A time-out of 0 never ends by itself; connections are closed when it is taken away.
        swallow: async (direction) => await poison('timeout', direction, { timeout: 0 }),
        async heal() {
          await call('DELETE', `/proxies/${name}/toxics/${TOXIC}`);
          await call('POST', `/proxies/${name}`, { enabled: true });
        },
      };
    },
    stop: async () => await child.stop(),
  };
}
