import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';

import type { Clock } from '../../../platform/clock.ts';
import type { Secret } from '../../../platform/secret.ts';
import type { Account } from '../../../workflows/contracts/connection.ts';
import { CallError } from '../call-error.ts';
import type { Http } from '../http.ts';
import { createOAuthClient, type OAuthClient } from '../oauth.ts';
import { ProviderError } from '../provider.ts';
import { missingFor, type ProviderSettings, type RegionSettings } from '../settings.ts';
import { statusFailure } from '../status-failure.ts';
import { unknownRegion } from './errors.ts';
import { AuthDetailsSchema, MeSchema } from './schema.ts';

/** One region of OVHcloud, as this installation is registered there. */
export interface OvhClient {
  readonly region: RegionSettings;
  readonly clientId: string;
  readonly oauth: OAuthClient;
  /** Whose credential it is. Throws what the API answered when it is not a valid one. */
  account(accessToken: Secret<string>, signal: AbortSignal): Promise<Account>;
}

/** The client of a region. Throws {@link ProviderError} of class `config` where it is unknown or not configured. */
export function ovhClientFor(
  deps: { settings: ProviderSettings; http: Http; clock: Clock },
  regionId: string,
  methodId: string,
): OvhClient {
  const { settings, http, clock } = deps;
  const region = settings.regions.get(regionId);
  const method = settings.manifest.methods.find(({ id }) => id === methodId);
  const missing = region && method && missingFor(settings, region, method);
  const clientId = region?.values['clientId'];
  const clientSecret = region?.secrets['clientSecret'];
  if (!region || missing || clientId === undefined || !clientSecret) {
    const problem = missing ?? unknownRegion(regionId, [...settings.regions.keys()]);
    throw new ProviderError({ class: 'config', problem, delivery: 'not_sent' });
  }
  const url = (role: string) => region.urls[role] ?? '';
  const server = {
    // OVHcloud publishes no issuer; an `iss` of another origin would be another authorization server's (RFC 9207).
    issuer: URL.parse(url('authorize'))?.origin ?? '',
    tokenUrl: url('token'),
    revokeUrl: url('revoke'),
    clientId,
    clientSecret,
  };

  async function get<S extends TSchema>(path: string, schema: S, token: Secret<string>, signal: AbortSignal) {
    const response = await http(`${url('api')}${path}`, {
      method: 'GET',
      headers: { accept: 'application/json', authorization: `Bearer ${token.reveal()}` },
      signal,
    });
    const reply: unknown = response.ok
      ? await response
          .clone()
          .json()
          .catch(() => null)
      : null;
    if (!Value.Check(schema, reply)) throw new CallError(await statusFailure(response, clock.now()));
    return reply;
  }

  return {
    region,
    clientId,
    oauth: createOAuthClient({ server, http, clock }),
    async account(token, signal) {
      const { account } = await get('/auth/details', AuthDetailsSchema, token, signal);
      // A user without the right to read /me is a good connection all the same, only without a name.
      const me = await get('/me', MeSchema, token, signal).catch(() => undefined);
      return { id: account, displayName: me ? displayName(me) : null };
    },
  };
}

function displayName({ organisation, firstname, name }: Static<typeof MeSchema>): string | null {
  return organisation || [firstname, name].filter(Boolean).join(' ') || null;
}
