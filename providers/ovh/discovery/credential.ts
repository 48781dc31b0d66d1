import { Type } from 'typebox';

import type { JsonObject } from '../../../platform/json.ts';
import { Secret } from '../../../platform/secret.ts';
import { isLoopbackHttp } from '../../http/http.ts';
import type { RegionSettings } from '../../manifests/settings.ts';
import { readRecord, notConfigured } from '../../preconditions.ts';
import { type ApplicationKeys, bearer, createSigner, type Authenticate, type ServerTime } from '../signature.ts';

/** What lists are asked for with: exactly one of the two. */
export type Credential =
  | { readonly kind: 'token'; readonly accessToken: Secret<string> }
  | ({ readonly kind: 'application' } & ApplicationKeys);

const text = Type.String({ minLength: 1 });
const TokenSchema = Type.Object({ access_token: text });
const ApplicationSchema = Type.Object({ application_key: text, application_secret: text, consumer_key: text });

/** The record's credential by its method. Client credentials come as the token that was minted from them. */
export function credentialOf(record: Secret<JsonObject>): Credential {
  if (record.reveal()['auth_method'] === 'api_credentials') {
    const stored = readRecord(ApplicationSchema, record);
    return {
      kind: 'application',
      applicationKey: new Secret(stored.application_key),
      applicationSecret: new Secret(stored.application_secret),
      consumerKey: new Secret(stored.consumer_key),
    };
  }
  const { access_token } = readRecord(TokenSchema, record);
  return { kind: 'token', accessToken: new Secret(access_token) };
}

/**
 * The API's address, in the one form that the program takes right: it ends in `/1.0`, with no slash behind. A name
 * like `ovh-eu` would let it read that section of any `ovh.conf` it finds.
 */
export function endpointOf({ manifest, urls }: RegionSettings): string {
  const configured = (urls['api'] ?? '').replace(/\/+$/, '');
  const isSafe = URL.parse(configured)?.protocol === 'https:' || isLoopbackHttp(configured);
  if (isSafe && configured.endsWith('/1.0')) return configured;
  const problem = {
    code: 'endpoint_invalid',
    message: `The API address of ${manifest.id} is "${configured}": it must be an https URL that ends in /1.0.`,
    remedy: `Unset or correct ${manifest.urls['api']?.variable ?? 'the configured URL'}, and restart Mooring.`,
  };
  throw notConfigured(problem);
}

/** What every request of a listing is authenticated by. */
export const createAuthenticate = (credential: Credential, now: () => number, serverTime: ServerTime): Authenticate =>
  credential.kind === 'token' ? bearer(credential.accessToken) : createSigner(credential, now, serverTime);
