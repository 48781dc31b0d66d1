import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';

import type { Clock } from '../../platform/clock.ts';
import type { Account } from '../../contracts/connection.ts';
import { CallError, statusFailure } from '../http/call-error.ts';
import type { Http } from '../http/http.ts';
import type { RegionSettings } from '../manifests/settings.ts';
import { AuthDetailsSchema, MeSchema, ServerTimeSchema } from './schema.ts';
import { createSigner, type ApplicationKeys, type Authenticate, type ServerTime } from './signature.ts';

export interface ApiRequest<S extends TSchema> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below version 1 of the API, or from its root where it begins with `/v2/`. */
  readonly path: string;
  readonly body?: unknown;
  /** What a success looks like. */
  readonly reply: S;
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The API of one region, called by one credential. Throws {@link CallError} and nothing else. */
export interface OvhApi {
  call<S extends TSchema>(request: ApiRequest<S>): Promise<Static<S>>;
  /** All pages of a list of version 2. */
  pages<S extends TSchema>(path: string, row: S, signal: AbortSignal): Promise<Static<S>[]>;
}

export interface ApiDependencies {
  readonly http: Http;
  readonly clock: Clock;
}

/** Where an application has a customer approve a consumer key: it has nothing to sign with yet. */
export const asApplication =
  (applicationKey: string): Authenticate =>
  () =>
    Promise.resolve({ 'x-ovh-application': applicationKey });

export function createOvhApi(
  { http, clock }: ApiDependencies,
  region: RegionSettings,
  authenticate: Authenticate,
): OvhApi {
  const version1 = (region.urls['api'] ?? '').replace(/\/+$/, '');
  const root = version1.replace(/\/1\.0$/, '');

  async function send<S extends TSchema>(request: ApiRequest<S>): Promise<{ reply: Static<S>; response: Response }> {
    const { method, path, signal } = request;
    const url = `${path.startsWith('/v2/') ? root : version1}${path}`;
    const body = request.body === undefined ? '' : JSON.stringify(request.body);
    const headers = {
      accept: 'application/json',
      ...(body !== '' && { 'content-type': 'application/json' }),
      ...(await authenticate({ method, url, body, signal })),
      ...request.headers,
    };
    const response = await http(url, { method, headers, signal, ...(body !== '' && { body }) });
    const reply = response.ok ? await jsonOf(response) : undefined;
    if (!response.ok || !Value.Check(request.reply, reply)) {
      throw new CallError(await statusFailure(response, clock.now()));
    }
    return { reply, response };
  }

  return {
    call: async (request) => (await send(request)).reply,
    async pages(path, row, signal) {
      const all: Static<typeof row>[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const headers: Record<string, string> = cursor === '' ? {} : { 'x-pagination-cursor': cursor };
        const page = await send({ method: 'GET', path, reply: Type.Array(row), signal, headers });
        all.push(...page.reply);
        cursor = page.response.headers.get('x-pagination-cursor-next');
      }
      return all;
    },
  };
}

/** The same, by signed requests. The time is OVHcloud's own, asked for once. */
export function createSignedApi(deps: ApiDependencies, region: RegionSettings, keys: ApplicationKeys): OvhApi {
  const now = () => deps.clock.now();
  const serverTime: ServerTime = (headers, signal) => {
    const api = createOvhApi(deps, region, () => Promise.resolve(headers));
    return api.call({ method: 'GET', path: '/auth/time', reply: ServerTimeSchema, signal });
  };
  return createOvhApi(deps, region, createSigner(keys, now, serverTime));
}

/** Whose credential it is. Throws what the API answered when it is not a valid one. */
export async function accountOf(api: OvhApi, signal: AbortSignal): Promise<Account> {
  const { account } = await api.call({ method: 'GET', path: '/auth/details', reply: AuthDetailsSchema, signal });
  // A user without the right to read /me is a good connection all the same, only without a name.
  const me = await api.call({ method: 'GET', path: '/me', reply: MeSchema, signal }).catch(() => undefined);
  return { id: account, displayName: me ? displayName(me) : null };
}

export function displayName({ organisation, firstname, name }: Static<typeof MeSchema>): string | null {
  return organisation || [firstname, name].filter(Boolean).join(' ') || null;
}

/** Null where the answer has no body; undefined where it is no JSON. */
async function jsonOf(response: Response): Promise<unknown> {
  const text = await response.clone().text();
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
