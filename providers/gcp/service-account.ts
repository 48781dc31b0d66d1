import { JWT } from 'google-auth-library';
import * as oauth from 'oauth4webapi';

import type { Clock } from '../../platform/clock.ts';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import { CallError, isUnavailable, statusFailure } from '../http/call-error.ts';
import { calling } from '../http/call-watch.ts';
import { classified } from '../http/classify.ts';
import type { Http } from '../http/http.ts';
import { oauthCallError } from '../oauth/failure.ts';
import { lenientTokenReply } from '../oauth/token-reply.ts';
import { openRegion, parseRecord } from '../preconditions.ts';
import { ProviderError, type AuthMethod, type CallContext, type IssuedCredential } from '../provider.ts';
import { createGcpClient, type GcpMethodDependencies } from './client.ts';
import { gcpClassifier } from './errors.ts';
import { serviceAccountScopes } from './manifest.ts';
import { noProjects } from './problems.ts';
import { KeyRecordSchema } from './schema.ts';
import { pinTokenUri, readServiceAccountKey, type ServiceAccountKey } from './service-account/key.ts';

/** What Google documents. It counts only where a reply has no `expires_in` (RFC 6749, 5.1). */
const DOCUMENTED_TTL_SECONDS = 3600;

/** A key of a service account of the customer's, from which access tokens are minted (RFC 7523). */
export function serviceAccount(deps: GcpMethodDependencies): AuthMethod {
  function open({ region: regionId, record }: CallContext) {
    const region = openRegion(deps.settings, regionId, 'service_account');
    const stored = parseRecord(KeyRecordSchema, record);
    const key = readServiceAccountKey(stored.service_account_key);
    const hasWorked = stored.access_token !== undefined;
    // Later the configured URL may be another one: the key is as good there as it was.
    if (!hasWorked) pinTokenUri(key, region);
    return { region, key, hasWorked };
  }

  const mint = async ({ region, key, hasWorked }: ReturnType<typeof open>, signal: AbortSignal) =>
    await classified(gcpClassifier({ operation: 'mint', region, key, hasWorked }), () =>
      mintAccessToken({ ...deps, tokenUrl: region.urls['token'] ?? '', scopes: serviceAccountScopes }, key, signal),
    );

  return {
    async prove(context) {
      const opened = open(context);
      const { region, key } = opened;
      const minted = await mint(opened, context.signal);
      return await classified(gcpClassifier({ operation: 'prove', region, key }), async () => {
        const google = createGcpClient(deps, region);
        const account = await google.account(minted.accessToken, context.signal);
        const { rows: projects, warnings } = await google.projects(minted.accessToken, context.signal);
        if (projects.length === 0) {
          const problem = noProjects(key.clientEmail, key, region);
          throw new ProviderError({ class: 'transient', problem, delivery: 'answered' });
        }
        return { account: { ...account, displayName: key.clientEmail }, warnings, issued: issued(minted) };
      });
    },

    refresh: async (context) => issued(await mint(open(context), context.signal)),

    /** Google answers "Token is not revocable" for service accounts, so it is not asked. */
    revoke: ({ record }) => Promise.resolve({ outcome: 'unsupported', note: keyStays(record) }),
  };
}

const issued = ({ accessToken, ttlSeconds }: MintedToken): IssuedCredential => ({
  fields: new Secret<JsonObject>({ access_token: accessToken.reveal() }),
  ttlSeconds: ttlSeconds ?? DOCUMENTED_TTL_SECONDS,
  renewable: true,
  scopes: serviceAccountScopes,
  warnings: [],
});

function keyStays(record: Secret<JsonObject>): string {
  const key = readable(record.reveal()['service_account_key']);
  const command =
    key?.keyId == null ? '' : `: gcloud iam service-accounts keys delete ${key.keyId} --iam-account=${key.clientEmail}`;
  return (
    'Mooring forgets the key, but the key itself works until its owner deletes it in IAM (Service accounts, Keys)' +
    `${command}. Tokens of service accounts cannot be revoked; the last one ends by itself within the hour.`
  );
}

function readable(text: unknown): ServiceAccountKey | undefined {
  try {
    return typeof text === 'string' ? readServiceAccountKey(text) : undefined;
  } catch {
    return undefined;
  }
}

/** An assertion that Google would call short-lived; it counts for one request. */
const ASSERTION_SECONDS = 3600;

export interface MintedToken {
  readonly accessToken: Secret<string>;
  /** `expires_in` in whole seconds; null where it was left out or makes no sense. */
  readonly ttlSeconds: number | null;
}

/**
 * Exchanges a key's assertion for an access token (RFC 7523, 2.1). google-auth-library makes and signs the assertion;
 * it is sent by our own HTTP client, to the configured URL, once: the library would send it to its own URL and retry by
 * itself. Throws {@link CallError} and nothing else.
 */
async function mintAccessToken(
  deps: { http: Http; clock: Clock; tokenUrl: string; scopes: readonly string[] },
  key: ServiceAccountKey,
  signal: AbortSignal,
): Promise<MintedToken> {
  const { http, clock, tokenUrl, scopes } = deps;
  let response: Response | undefined;
  try {
    response = await calling('token.issue', sendAssertion);
    if (isUnavailable(response)) throw new CallError(await statusFailure(response, clock.now()));
    const server = { issuer: new URL(tokenUrl).origin, token_endpoint: tokenUrl };
    const client = { client_id: key.clientEmail };
    const { access_token, expires_in } = await oauth.processGenericTokenEndpointResponse(
      server,
      client,
      await lenientTokenReply(response, { readsIdToken: false }),
    );
    return { accessToken: new Secret(access_token), ttlSeconds: expires_in ?? null };
  } catch (error) {
    throw await oauthCallError(error, { response, nowMs: clock.now(), secrets: [key.privateKey] });
  }

  async function sendAssertion(): Promise<Response> {
    let outcome: Promise<Response> | undefined;
    const issuedAt = Math.floor(clock.now() / 1000);
    const library = new JWT({
      email: key.clientEmail,
      key: key.privateKey.reveal(),
      scopes: [...scopes],
      additionalClaims: { aud: tokenUrl, iat: issuedAt, exp: issuedAt + ASSERTION_SECONDS },
      // Its own interceptors write requests and replies to a debug log.
      useAuthRequestParameters: false,
      transporterOptions: {
        retryConfig: { retry: 0, noResponseRetries: 0 },
        fetchImplementation: async (_address, init) => {
          outcome = http(tokenUrl, {
            method: 'POST',
            headers: { accept: 'application/json' },
            body: init?.body as URLSearchParams,
            signal,
          });
          return (await outcome).clone();
        },
      },
    });
    // What the library makes of the answer is not looked at: its errors hold the assertion.
    await library.authorize().catch(() => undefined);
    if (!outcome) throw new Error('google-auth-library sent no assertion.');
    return await outcome;
  }
}
