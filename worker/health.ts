import { createServer, type Server } from 'node:http';
import type { Worker } from '@temporalio/worker';
import type { ListerReadiness } from '../activities/providers/lister.ts';

export interface HealthDependencies {
  readonly workers: () => readonly Worker[];
  readonly listing: () => Promise<Readonly<Record<string, ListerReadiness>>>;
}

/**
 * `GET /healthz`: 200 while every worker polls, 503 before and while draining. `GET /readyz` says besides how each
 * cloud's resources are listed: a program that is missing is told there, and does not take the worker out of service.
 */
export async function serveHealth(port: number, { workers, listing }: HealthDependencies): Promise<Server> {
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
  const server = createServer((request, response) => {
    void answer(request.method === 'GET' ? (request.url ?? '') : '').then(
      ({ code, body }) => {
        response.writeHead(code, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      },
      () => {
        response.writeHead(500);
        response.end();
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, resolve);
  });
  return server;
}
