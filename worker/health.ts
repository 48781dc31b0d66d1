import { createServer, type Server } from 'node:http';
import type { Worker } from '@temporalio/worker';

/** `GET /healthz`: 200 while every worker polls, 503 before and while draining. Says nothing else to anybody. */
export async function serveHealth(port: number, workers: () => readonly Worker[]): Promise<Server> {
  const server = createServer((request, response) => {
    const states = workers().map((worker) => worker.getState());
    const up = states.length > 0 && states.every((state) => state === 'RUNNING');
    const known = request.method === 'GET' && request.url === '/healthz';
    response.writeHead(known ? (up ? 200 : 503) : 404, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(known ? { status: up ? 'ok' : 'not polling', workers: states } : { status: 'unknown path' }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, resolve);
  });
  return server;
}
