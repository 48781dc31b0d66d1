import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';

import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import type { Account } from '../../contracts/connection.ts';
import { CallError, statusFailure } from '../http/call-error.ts';
import { calling } from '../http/call-watch.ts';
import { isLoopbackHttp } from '../http/http.ts';
import type { RegionSettings } from '../manifests/settings.ts';
import type { OAuthServer } from '../oauth/oauth.ts';
import { notConfigured, parseRecord, type MethodDependencies } from '../preconditions.ts';
import { bearer, createSigner, keysOf, type ApplicationKeys, type Authenticate } from './client/signature.ts';
import { apiUrlInvalid } from './problems.ts';
import { ApplicationKeysSchema, AuthDetailsSchema, MeSchema, ServerTimeSchema, TokenRecordSchema } from './schema.ts';

export interface OvhRequest<S extends TSchema> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below version 1 of the API, or from its root where it begins with `/v2/`. */
  readonly path: string;
  readonly body?: unknown;
  /** What a success looks like. */
  readonly reply: S;
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The API of one region, called with one credential. Throws {@link CallError} and nothing else. */
export interface OvhClient {
  call<S extends TSchema>(request: OvhRequest<S>): Promise<Static<S>>;
  /** One page of a list; `cursor` is empty for the first. An answer that is no list is an error, never an empty list. */
  page<S extends TSchema>(path: string, row: S, cursor: string, signal: AbortSignal): Promise<Page<Static<S>>>;
  /** All pages of a list. */
  pages<S extends TSchema>(path: string, row: S, signal: AbortSignal): Promise<Static<S>[]>;
  /** Whose credential it is. Throws what the API answered when it is not a valid one. */
  account(signal: AbortSignal): Promise<Account>;
}

interface Page<T> {
  readonly rows: readonly T[];
  /** The cursor of the next page; null = this was the last. */
  readonly next: string | null;
}

/** What the API is called with. An application alone may only ask for a consumer key. */
export type Credential =
  | { readonly kind: 'token'; readonly accessToken: Secret<string> }
  | ({ readonly kind: 'keys' } & ApplicationKeys)
  | { readonly kind: 'application'; readonly applicationKey: string };

/** The credential of a record that works, by its method. Client credentials come as the token minted from them. */
export function credentialOf(record: Secret<JsonObject>): Exclude<Credential, { kind: 'application' }> {
  if (record.reveal()['auth_method'] === 'api_credentials') {
    return { kind: 'keys', ...keysOf(parseRecord(ApplicationKeysSchema, record)) };
  }
  const { access_token } = parseRecord(TokenRecordSchema, record);
  return { kind: 'token', accessToken: new Secret(access_token) };
}

export interface OvhClientDependencies extends Pick<MethodDependencies, 'http' | 'clock'> {
  /** Surrounds each request: it may wait before it sends, and send again. Each time is signed anew. */
  readonly around?: (send: () => Promise<Response>) => Promise<Response>;
}

export function createOvhClient(
  deps: OvhClientDependencies,
  region: RegionSettings,
  credential: Credential,
): OvhClient {
  const { http, clock, around = async (request) => await request() } = deps;
  const version1 = apiUrlOf(region);
  const root = version1.replace(/\/1\.0$/, '');

  /** Sends the request with these headers and nothing else that authenticates it. */
  async function send<S extends TSchema>(
    { method, path, body: content, reply: schema, signal, headers: more }: OvhRequest<S>,
    authenticate: Authenticate,
  ): Promise<{ reply: Static<S>; response: Response }> {
    const url = `${path.startsWith('/v2/') ? root : version1}${path}`;
    const body = content === undefined ? '' : JSON.stringify(content);
    const outgoing = { method, url, body, signal };
    // The first signature asks for the server's time: a request of its own, which must not wait for a turn of this one.
    await authenticate(outgoing);
    const response = await around(async () => {
      const headers = {
        accept: 'application/json',
        ...(body !== '' && { 'content-type': 'application/json' }),
        ...(await authenticate(outgoing)),
        ...more,
      };
      return await http(url, { method, headers, signal, ...(body !== '' && { body }) });
    });
    const reply: unknown = response.ok
      ? await response
          .clone()
          .json()
          .catch(() => undefined)
      : undefined;
    if (!response.ok || !Value.Check(schema, reply)) {
      throw new CallError(await statusFailure(response, clock.now()));
    }
    return { reply, response };
  }

  const serverTime = async (headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<number> => {
    const request = { method: 'GET', path: '/auth/time', reply: ServerTimeSchema, signal } as const;
    return (await calling('time.read', () => send(request, () => Promise.resolve(headers)))).reply;
  };
  const authenticate = authenticateBy(credential, () => clock.now(), serverTime);

  const call: OvhClient['call'] = async (request) => (await send(request, authenticate)).reply;
  const page: OvhClient['page'] = async (path, row, cursor, signal) => {
    const headers: Record<string, string> = cursor === '' ? {} : { 'x-pagination-cursor': cursor };
    const { reply, response } = await send(
      { method: 'GET', path, reply: Type.Array(row), signal, headers },
      authenticate,
    );
    return { rows: reply, next: response.headers.get('x-pagination-cursor-next') || null };
  };
  return {
    call,
    page,
    async pages(path, row, signal) {
      const all: Static<typeof row>[] = [];
      const seen = new Set<string>();
      for (let cursor: string | null = ''; cursor !== null;) {
        // Pages that name each other as the next one would be read for ever.
        if (seen.has(cursor)) throw new CallError({ kind: 'status', status: 200, retryAfterSeconds: null, body: null });
        seen.add(cursor);
        const { rows, next }: Page<Static<typeof row>> = await page(path, row, cursor, signal);
        all.push(...rows);
        cursor = next;
      }
      return all;
    },
    async account(signal) {
      const read = <S extends TSchema>(path: string, reply: S): Promise<Static<S>> =>
        calling('account.read', () => call({ method: 'GET', path, reply, signal }));
      const { account } = await read('/auth/details', AuthDetailsSchema);
      // A user without the right to read /me is a good connection all the same, only without a name.
      const me = await read('/me', MeSchema).catch(() => undefined);
      return { id: account, displayName: me ? displayName(me) : null };
    },
  };
}

function authenticateBy(
  credential: Credential,
  now: () => number,
  serverTime: Parameters<typeof createSigner>[2],
): Authenticate {
  switch (credential.kind) {
    case 'token':
      return bearer(credential.accessToken);
    case 'keys':
      return createSigner(credential, now, serverTime);
    case 'application':
      return () => Promise.resolve({ 'x-ovh-application': credential.applicationKey });
  }
}

/** The address of version 1 of the API, without a slash behind. */
const apiUrlOf = ({ urls }: RegionSettings): string => (urls['api'] ?? '').replace(/\/+$/, '');

/**
 * The API's address in the one form that the `ovhcloud` program takes right: it ends in `/1.0`, with no slash behind. A
 * name like `ovh-eu` would let it read that section of any `ovh.conf` it finds. Throws `ProviderError` of class `config`.
 */
export function checkedApiUrl(region: RegionSettings): string {
  const url = apiUrlOf(region);
  const isSafe = URL.parse(url)?.protocol === 'https:' || isLoopbackHttp(url);
  if (isSafe && url.endsWith('/1.0')) return url;
  throw notConfigured(apiUrlInvalid(url, region.manifest));
}

/** The region's authorization server, towards one OAuth2 client: ours, or a customer's service account. */
export const authorizationServer = (
  { urls }: RegionSettings,
  client: { readonly clientId: string; readonly clientSecret: Secret<string> },
): OAuthServer => ({
  // OVHcloud publishes no issuer; an `iss` of another origin would be another authorization server's (RFC 9207).
  issuer: URL.parse(urls['authorize'] ?? '')?.origin ?? '',
  tokenUrl: urls['token'] ?? '',
  revokeUrl: urls['revoke'] ?? '',
  ...client,
});

export function displayName({ organisation, firstname, name }: Static<typeof MeSchema>): string | null {
  return organisation || [firstname, name].filter(Boolean).join(' ') || null;
}
