import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebhookEvent } from '../../../contracts/webhooks.ts';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly event: WebhookEvent;
}

/** A receiver of webhooks on this machine, which answers as it is told to and remembers what came. */
export interface Receiver {
  /** Where it receives; each path is an endpoint of its own. */
  url(path: string): string;
  received(path: string): readonly Received[];
  /** From now on; by default 204. */
  answer(path: string, status: number, body?: string): void;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const all: Received[] = [];
  const answers = new Map<string, { readonly status: number; readonly body: string }>();
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString('utf8');
      const path = request.url ?? '';
      all.push({ path, headers: request.headers, body, event: JSON.parse(body) as WebhookEvent });
      const { status, body: text } = answers.get(path) ?? { status: 204, body: '' };
      response.writeHead(status).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (path) => `http://127.0.0.1:${port}${path}`,
    received: (path) => all.filter((each) => each.path === path),
    answer(path, status, body = '') {
      answers.set(path, { status, body });
    },
    async close() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
