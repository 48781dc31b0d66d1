import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { onTestFinished } from 'vitest';

/** An HTTP server that is not ours: it answers 200 to everything, and keeps the headers that it was sent. */
export async function otherProgram(port: string): Promise<{ readonly requests: readonly IncomingHttpHeaders[] }> {
  const requests: IncomingHttpHeaders[] = [];
  const server = createServer((request, reply) => {
    requests.push(request.headers);
    reply.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ok"}');
  });
  server.listen(Number(port), '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { requests };
}
