import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** An HTTP server in a thread of its own: it goes on answering while this thread, and its event loop, stand still. */
export async function startAnsweringThread(): Promise<{
  url: string;
  /** Resolves when a request has arrived there. */
  arrived: () => Promise<void>;
  close: () => Promise<number>;
}> {
  const worker = new Worker(
    `const { createServer } = require('node:http');
     const { parentPort } = require('node:worker_threads');
     const server = createServer((request, response) => {
       parentPort.postMessage('arrived');
       if (request.url === '/answers') setTimeout(() => response.end('late but here'), 50);
     });
     server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`,
    { eval: true },
  );
  const [port] = (await once(worker, 'message')) as [number];
  return {
    url: `http://127.0.0.1:${port}`,
    arrived: async () => void (await once(worker, 'message')),
    close: () => worker.terminate(),
  };
}

/** What SIGSTOP does to a process: no timer, no I/O, and then all of it at once. */
export function freeze(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
