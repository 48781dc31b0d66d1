import nodeVault from 'node-vault';
import { Agent, request as sendRequest } from 'undici';
import type { Egress } from '../../platform/egress.ts';

const NOT_VAULT = 'its answer is not one that Vault gives';

export type VaultClient = ReturnType<typeof nodeVault>;

/** The request that node-vault gives to its transport. */
interface TransportRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers: Record<string, string>;
  readonly json?: unknown;
  readonly signal?: AbortSignal;
}

interface TransportReply {
  readonly statusCode: number;
  readonly body: unknown;
  readonly request: { readonly path: string };
}

/**
 * node-vault over a transport of ours instead of axios: a request can be aborted, and an error never carries the
 * request (an AxiosError holds body and token). Its debug output would print every value, so it has none. Nothing is
 * taken from the environment but what the caller gives: node-vault itself would read VAULT_TOKEN, VAULT_PREFIX and
 * VAULT_SKIP_VERIFY. For a private certificate authority set NODE_EXTRA_CA_CERTS.
 */
export function createVaultClient(options: {
  readonly address: string;
  readonly namespace: string | undefined;
  readonly transport: VaultTransport;
}): VaultClient {
  const client = nodeVault({
    endpoint: options.address,
    debug: () => {},
    'request-promise': { defaults: () => (request: TransportRequest) => send(options.transport, request) },
    // Not every proxy lets the LIST verb through.
    noCustomHTTPVerbs: true,
  });
  return Object.assign(client, { token: '', pathPrefix: '', namespace: options.namespace });
}

async function send(transport: VaultTransport, request: TransportRequest): Promise<TransportReply> {
  const { status, text } = await transport(request.uri, {
    method: request.method,
    headers: { ...request.headers, 'content-type': 'application/json' },
    ...(request.json === undefined ? {} : { body: JSON.stringify(request.json) }),
    ...(request.signal ? { signal: request.signal } : {}),
  });
  // An empty path: node-vault would take an error below any path that contains "sys/health" for a success.
  return { statusCode: status, body: parseBody(text, status >= 200 && status < 300), request: { path: '' } };
}

/** For an error only the status counts, from Vault or from a proxy. A success whose body is not JSON is an error. */
function parseBody(text: string, success: boolean): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // Without its cause, which quotes the text that could not be parsed.
    if (success) throw new Error(NOT_VAULT);
    return undefined;
  }
}

/** Vault's refusal, as node-vault throws it. */
export interface VaultRefusal extends Error {
  readonly response: { readonly statusCode: number; readonly body: unknown };
}

export function isRefusal(error: unknown, ...statusCodes: number[]): error is VaultRefusal {
  if (!(error instanceof Error) || !('response' in error)) return false;
  const { statusCode } = (error as VaultRefusal).response;
  return statusCodes.length === 0 || statusCodes.includes(statusCode);
}

/** Vault's own messages; empty if a proxy answered. */
export function refusalTexts(refusal: VaultRefusal): string[] {
  return (errorsOf(refusal) ?? []).map((text) => String(text).replaceAll(/\s+/g, ' ').trim());
}

/**
 * Distinguishes an absent key from the other 404s (no such mount, a proxy without a route): for an absent key Vault
 * gives an empty list of errors, or `data: null` where the newest version was deleted.
 */
export function isAbsence(error: unknown): boolean {
  if (!isRefusal(error, 404)) return false;
  const { body } = error.response;
  return errorsOf(error)?.length === 0 || (typeof body === 'object' && body !== null && 'data' in body);
}

function errorsOf({ response: { body } }: VaultRefusal): unknown[] | undefined {
  if (typeof body !== 'object' || body === null || !('errors' in body)) return undefined;
  return Array.isArray(body.errors) ? body.errors : undefined;
}

/** Checks the shape of a reply, like a typebox validator. */
interface Shape<T> {
  Check(value: unknown): value is T;
}

/** Typebox's own parse error would carry the value, which is a secret. */
export function parseReply<T>(shape: Shape<T>, reply: unknown): T {
  if (!shape.Check(reply)) throw new Error(NOT_VAULT);
  return reply;
}

/** One HTTP request. A redirect is not followed, because that could send the token to another host. */
export type VaultTransport = (
  url: string,
  request: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly signal?: AbortSignal;
  },
) => Promise<{ readonly status: number; readonly text: string }>;

/** There may be thousands of credential reads in a second, and Vault serves that many connections. */
const MOST_CONNECTIONS = 128;
/** Shorter than the five minutes after which Vault closes an idle connection. */
const KEEP_ALIVE_MS = 60_000;

/** Uses undici's `request`, which takes a third of the time of `fetch`. Its connections end with the process. */
export function createVaultTransport(egress?: Pick<Egress, 'dispatcher'>): VaultTransport {
  const options = { connections: MOST_CONNECTIONS, keepAliveTimeout: KEEP_ALIVE_MS };
  const dispatcher = egress?.dispatcher(options) ?? new Agent(options);
  return async (url, { method, headers, body, signal }) => {
    const reply = await sendRequest(url, {
      dispatcher,
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      ...(signal ? { signal } : {}),
    });
    return { status: reply.statusCode, text: await reply.body.text() };
  };
}
