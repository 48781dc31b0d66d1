import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import { classified } from '../http/classify.ts';
import { openRegion } from '../open-region.ts';
import { ProviderError, type AuthMethod, type CallContext, type IssuedCredential } from '../provider.ts';
import { readRecord } from '../stored-record.ts';
import { mintAccessToken, type MintedToken } from './access-token.ts';
import { createGcpClient, type GcpDeps } from './client.ts';
import { googleClassifier, noProjects, unknownRegion } from './errors.ts';
import { serviceAccountScopes } from './manifest.ts';
import { KeyRecordSchema } from './schema.ts';
import { pinTokenUri, readServiceAccountKey, type ServiceAccountKey } from './service-account-key.ts';

/** What Google documents. It counts only where a reply has no `expires_in` (RFC 6749, 5.1). */
const DOCUMENTED_TTL_SECONDS = 3600;

/** A key of a service account of the customer's, from which access tokens are minted (RFC 7523). */
export function serviceAccount(deps: GcpDeps): AuthMethod {
  function open({ region: regionId, record }: CallContext) {
    const region = openRegion(deps.settings, regionId, 'service_account', unknownRegion);
    const stored = readRecord(KeyRecordSchema, record);
    const key = readServiceAccountKey(stored.service_account_key);
    const hasWorked = stored.access_token !== undefined;
    // Later the configured URL may be another one: the key is as good there as it was.
    if (!hasWorked) pinTokenUri(key, region);
    return { region, key, hasWorked };
  }

  const mint = async ({ region, key, hasWorked }: ReturnType<typeof open>, signal: AbortSignal) =>
    await classified(googleClassifier({ operation: 'mint', region, key, hasWorked }), () =>
      mintAccessToken({ ...deps, tokenUrl: region.urls['token'] ?? '', scopes: serviceAccountScopes }, key, signal),
    );

  return {
    async prove(context) {
      const opened = open(context);
      const { region, key } = opened;
      const minted = await mint(opened, context.signal);
      return await classified(googleClassifier({ operation: 'look', region, key }), async () => {
        const google = createGcpClient(deps, region);
        const account = await google.account(minted.accessToken, context.signal);
        const projects = await google.projects(minted.accessToken, context.signal);
        if (projects.length === 0) {
          const problem = noProjects(key.clientEmail, key, region);
          throw new ProviderError({ class: 'transient', problem, delivery: 'answered' });
        }
        return { account: { ...account, displayName: key.clientEmail }, warnings: [], issued: issued(minted) };
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
    `${command}. Tokens of service accounts can not be revoked; the last one ends by itself within the hour.`
  );
}

function readable(text: unknown): ServiceAccountKey | undefined {
  try {
    return typeof text === 'string' ? readServiceAccountKey(text) : undefined;
  } catch {
    return undefined;
  }
}
