import { Agent, request } from 'node:http';
import { quantile } from './statistics.ts';

/** What is asked, in turns. */
export interface Target {
  readonly origin: string;
  readonly paths: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

export interface Load {
  readonly perSecond: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Answers other than 200. */
  readonly failed: number;
}

/** So many clients, each with one keep-alive connection, each asking again as soon as it has its answer. */
export async function hammer(target: Target, clients: number, seconds: number): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const durations: number[] = [];
  let failed = 0;
  let turn = 0;
  const startedAt = performance.now();
  const endAt = startedAt + seconds * 1000;
  const client = async (): Promise<void> => {
    for (let now = performance.now(); now < endAt;) {
      const path = target.paths[turn++ % target.paths.length] ?? '/';
      if ((await get(target, path, agent)) !== 200) failed += 1;
      const then = now;
      now = performance.now();
      durations.push(now - then);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const elapsed = (performance.now() - startedAt) / 1000;
  agent.destroy();
  return {
    perSecond: durations.length / elapsed,
    p50Ms: quantile(durations, 0.5),
    p99Ms: quantile(durations, 0.99),
    failed,
  };
}

/** Answers the status, once the body has been read to its end. */
async function get({ origin, headers }: Target, path: string, agent: Agent): Promise<number> {
  return await new Promise((resolve, reject) => {
    const asked = request(`${origin}${path}`, { agent, headers }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
      response.once('error', reject);
    });
    asked.once('error', reject);
    asked.end();
  });
}
