import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';

import type { Clock } from '../../platform/clock.ts';
import type { Secret } from '../../platform/secret.ts';
import { CallError, statusFailure } from './call-error.ts';
import type { Http } from './http.ts';

/** Reads JSON with a bearer token. Throws {@link CallError}, also where the reply is not of the schema. */
export type BearerJson = <S extends TSchema>(
  url: string,
  schema: S,
  token: Secret<string>,
  signal: AbortSignal,
  /** Beside those that every call has. */
  headers?: Readonly<Record<string, string>>,
) => Promise<Static<S>>;

export function createBearerJson({ http, clock }: { http: Http; clock: Clock }): BearerJson {
  return async (url, schema, token, signal, more = {}) => {
    const headers = { ...more, accept: 'application/json', authorization: `Bearer ${token.reveal()}` };
    const response = await http(url, { method: 'GET', headers, signal });
    const reply: unknown = response.ok ? await response.json().catch(() => undefined) : undefined;
    if (!Value.Check(schema, reply)) throw new CallError(await statusFailure(response, clock.now()));
    return reply;
  };
}
