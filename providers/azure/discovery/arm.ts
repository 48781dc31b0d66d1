import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';

import type { Clock } from '../../../platform/clock.ts';
import { CallError, statusFailure } from '../../http/call-error.ts';
import { classify } from '../../http/classify.ts';
import type { Http } from '../../http/http.ts';
import type { ListContext } from '../../listing/lister.ts';
import { parseRecord } from '../../preconditions.ts';
import { ProviderError } from '../../provider.ts';
import { listingClassifier } from './errors.ts';
import type { Pace } from './pace.ts';
import type { Grantee } from './problems.ts';
import { ListCredentialSchema } from './schema.ts';

/** Azure Resource Manager for the length of one list. Throws `ProviderError`, or the signal's reason. */
export interface Arm {
  /** A path below the configured address, or the whole address of a next page. */
  get<S extends TSchema>(address: string, schema: S): Promise<Static<S>>;
  post<S extends TSchema>(path: string, body: object, schema: S): Promise<Static<S>>;
  /** Whether the token may be sent there. */
  isHere(address: string): boolean;
  readonly grantee: Grantee;
  readonly tenant: string | null;
  readonly context: ListContext;
}

export interface ArmDependencies {
  readonly http: Http;
  readonly clock: Clock;
  readonly pace: Pace;
}

/** What one list may wait for in all when Azure asks for fewer requests: well below the deadline of a list. */
const MOST_WAITED_MS = 120_000;

export function createArm(deps: ArmDependencies, context: ListContext, subscription: string | null): Arm {
  const { http, clock, pace } = deps;
  const { connectionId, region, record, signal } = context;
  const { access_token: token, tenant_id, object_id, client_id } = parseRecord(ListCredentialSchema, record);
  const grantee = { principal: object_id ?? client_id ?? null, subscription };
  const api = (region.urls['api'] ?? '').replace(/\/$/, '');
  const classifier = listingClassifier(region.manifest, grantee);
  const addressOf = (address: string): string => (address.startsWith('/') ? `${api}${address}` : address);
  let waitedMs = 0;

  async function send(url: string, body: object | undefined): Promise<Response> {
    const request = {
      method: body ? 'POST' : 'GET',
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      body: body && JSON.stringify(body),
      signal,
    };
    // Resource Graph counts by who asks, the lists of Azure Resource Manager by that and the subscription.
    const quota = body ? connectionId : `${connectionId}/${subscription ?? ''}`;
    for (;;) {
      waitedMs += await pace.turn(quota, signal);
      const response = await http(url, request);
      pace.note(quota, response.headers);
      const waited =
        response.status === 429
          ? await pace.afterRefusal(quota, response.headers, MOST_WAITED_MS - waitedMs, signal)
          : undefined;
      if (waited === undefined) return response;
      waitedMs += waited;
    }
  }

  async function call<S extends TSchema>(address: string, schema: S, body?: object): Promise<Static<S>> {
    try {
      const response = await send(addressOf(address), body);
      if (!response.ok) throw new CallError(await statusFailure(response, clock.now()));
      const reply: unknown = await response.json().catch(() => undefined);
      if (reply === undefined || !Value.Check(schema, reply)) {
        throw new CallError({ kind: 'status', status: response.status, retryAfterSeconds: null, body: null });
      }
      return reply;
    } catch (error) {
      // An aborted call fails like one that was not answered: the signal's own reason is thrown instead.
      signal.throwIfAborted();
      throw classify(error, classifier);
    }
  }

  return {
    get: (address, schema) => call(address, schema),
    post: (path, body, schema) => call(path, schema, body),
    isHere: (address) => URL.parse(address)?.origin === URL.parse(api)?.origin,
    grantee,
    tenant: tenant_id ?? null,
    context,
  };
}

/** Runs a part of a list whose failure must not cost the others. What ends the credential is thrown all the same. */
export async function attempted<T>(work: () => Promise<T>): Promise<T | ProviderError> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ProviderError) || error.class === 'revoked') throw error;
    return error;
  }
}
