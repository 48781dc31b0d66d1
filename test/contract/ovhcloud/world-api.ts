import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json } from '../../../platform/json.ts';
import type { World } from './recorded-world.ts';

/**
 * What the API does instead of answering as it should; undefined = it answers. `cut`: the connection ends in the middle of
 * the answer. `text` is sent as it is, `body` as JSON.
 */
export type Fault =
  | 'drop'
  | 'hang'
  | 'cut'
  | { readonly status: number; readonly body?: Json; readonly text?: string; readonly headers?: Headers };
type Headers = Readonly<Record<string, string>>;
export type FaultAt = (path: string, headers: Readonly<Record<string, unknown>>) => Fault | undefined;

export interface WorldApi {
  /** Ends in `/1.0`. */
  readonly endpoint: string;
  /** Paths below the endpoint, in the order they came. */
  readonly paths: readonly string[];
  /** As `authorization` headers came, or `signed` where there was a signature. */
  readonly authorizations: ReadonlySet<string>;
  readonly mostAtOnce: number;
  close(): void;
}

/** An API that holds a world, answers after a turn of its own, and breaks on command. */
export async function startWorldApi(world: World, faultAt: FaultAt = () => undefined): Promise<WorldApi> {
  const paths: string[] = [];
  const authorizations = new Set<string>();
  let atOnce = 0;
  let mostAtOnce = 0;

  const answer = (path: string, headers: Readonly<Record<string, unknown>>, response: ServerResponse): void => {
    const fault = faultAt(path, headers);
    if (fault === 'hang') return;
    // Before the answer is sent: the client may send its next request before this side sees the response closed.
    atOnce--;
    if (fault === 'drop') return void response.destroy();
    const found = path === '/auth/time' ? Math.floor(Date.now() / 1000) : world.get(path);
    if (fault === 'cut') return cutShort(response, found ?? notFound);
    const text = fault ? textOf(fault) : JSON.stringify(found ?? notFound);
    const status = fault?.status ?? (found === undefined ? 404 : 200);
    response.writeHead(status, {
      ...(status === 204 ? {} : { 'Content-Length': Buffer.byteLength(text) }),
      'X-Ovh-QueryId': 'Q.1',
      ...fault?.headers,
    });
    response.end(text);
  };

  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/^\/1\.0/, '');
    paths.push(path);
    authorizations.add(request.headers.authorization ?? (request.headers['x-ovh-signature'] ? 'signed' : 'none'));
    mostAtOnce = Math.max(mostAtOnce, ++atOnce);
    // So that requests which were sent together are seen together.
    setImmediate(() => setImmediate(() => answer(path, request.headers, response)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/1.0`,
    paths,
    authorizations,
    get mostAtOnce() {
      return mostAtOnce;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const textOf = ({ text, body }: Exclude<Fault, string>): string =>
  text ?? JSON.stringify(body === undefined ? { message: 'Internal server error' } : body);

function cutShort(response: ServerResponse, body: Json): void {
  const text = JSON.stringify(body);
  response.writeHead(200, { 'Content-Length': Buffer.byteLength(text) });
  response.write(text.slice(0, text.length / 2), () => response.destroy());
}

const notFound = { class: 'Client::NotFound', message: 'This service does not exist' };
