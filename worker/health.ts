import { createServer, type Server } from 'node:http';
import type { ListenOptions } from 'node:net';
import type { Worker } from '@temporalio/worker';
import type { Config } from '../platform/config.ts';
import type { ListerReadiness } from '../providers/listing/lister.ts';

export interface HealthDependencies {
  readonly workers: () => readonly Worker[];
  /** In Prometheus' text format. */
  readonly metrics: () => Promise<string>;
  readonly listing: () => Promise<Readonly<Record<string, ListerReadiness>>>;
}

/** Of all interfaces in production, where probes and Prometheus ask from elsewhere; `npm start` is for its own machine. */
export const healthAddress = ({ dev, metricsPort }: Pick<Config, 'dev' | 'metricsPort'>): ListenOptions => ({
  port: metricsPort,
  ...(dev && { host: '127.0.0.1' }),
});

/**
 * `GET /healthz`: 200 while every worker polls, 503 before and while draining. `GET /readyz` says besides how each
 * cloud's resources are listed: a program that is missing is told there, and does not take the worker out of service.
 * `GET /metrics` is for Prometheus. Nothing here is secret, and nothing is for the outside: the port is not
 * published.
 */
export async function serveHealth(
  address: ListenOptions,
  { workers, listing, metrics }: HealthDependencies,
): Promise<Server> {
  const polling = () => {
    const states = workers().map((worker) => worker.getState());
    const up = states.length > 0 && states.every((state) => state === 'RUNNING');
    return { code: up ? 200 : 503, body: { status: up ? 'ok' : 'not polling', workers: states } };
  };
  const answer = async (path: string): Promise<{ code: number; body: object }> => {
    const { code, body } = polling();
    if (path === '/healthz') return { code, body };
    if (path === '/readyz') return { code, body: { ...body, listing: await listing() } };
    return { code: 404, body: { status: 'unknown path' } };
  };
  const page = async (path: string): Promise<{ code: number; type: string; text: string }> => {
    if (path === '/metrics') return { code: 200, type: 'text/plain; version=0.0.4', text: await metrics() };
    const { code, body } = await answer(path);
    return { code, type: 'application/json', text: JSON.stringify(body) };
  };
  const server = createServer((request, response) => {
    void page(request.method === 'GET' ? (request.url ?? '') : '').then(
      ({ code, type, text }) => {
        response.writeHead(code, { 'content-type': type });
        response.end(text);
      },
      () => {
        response.writeHead(500);
        response.end();
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, resolve);
  });
  return server;
}
