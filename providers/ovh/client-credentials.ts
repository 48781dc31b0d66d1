import { Type } from 'typebox';

import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import type { RevocationOutcome } from '../../contracts/connection.ts';
import { calling } from '../http/call-watch.ts';
import { classified } from '../http/classify.ts';
import type { RegionSettings } from '../manifests/settings.ts';
import { createOAuthClient, type OAuthClient } from '../oauth/oauth.ts';
import { openRegion, type MethodDependencies } from '../preconditions.ts';
import { ProviderError, type AuthMethod, type CallContext, type IssuedCredential } from '../provider.ts';
import { accountClassifier, makingClassifier, type AccountStage } from './client-credentials/errors.ts';
import { readAccount, readCreation, readSetupKeys, type AccountRecord } from './client-credentials/record.ts';
import { createServiceAccount, nameOf, removeByName } from './client-credentials/service-account.ts';
import { authorizationServer, createOvhClient, type OvhClient } from './client.ts';

const METHOD_ID = 'client_credentials';

/** OVHcloud documents 3599 s. It counts only where a reply has no `expires_in` (RFC 6749, 5.1). */
const DOCUMENTED_TTL_SECONDS = 3599;

/** A new service account and its policy take a moment to be known everywhere. */
const PROPAGATION_SECONDS = 5 * 60;

interface Opened {
  readonly record: AccountRecord;
  readonly region: RegionSettings;
  readonly oauth: OAuthClient;
}

/** A service account (RFC 6749, 4.4): the customer's own, or one that Mooring makes for chosen projects. */
export function clientCredentials(deps: MethodDependencies): AuthMethod {
  const { settings, http, clock } = deps;

  function open({ region: regionId, record: stored }: CallContext): Opened {
    const record = readAccount(stored);
    const region = openRegion(settings, regionId, METHOD_ID);
    const client = { clientId: record.client_id, clientSecret: new Secret(record.client_secret) };
    return { record, region, oauth: createOAuthClient({ server: authorizationServer(region, client), http, clock }) };
  }

  function stageOf({ access_token, made_at }: AccountRecord): AccountStage {
    if (made_at !== undefined && clock.now() / 1000 - made_at < PROPAGATION_SECONDS) return 'new';
    return access_token === undefined ? 'first' : 'again';
  }

  async function mint(
    { record, oauth }: Opened,
    signal: AbortSignal,
  ): Promise<IssuedCredential & { token: Secret<string> }> {
    const tokens = await oauth.clientCredentials(['all'], signal);
    const fields: JsonObject = { access_token: tokens.accessToken.reveal(), client_id: record.client_id };
    return {
      fields: new Secret(fields),
      token: tokens.accessToken,
      ttlSeconds: tokens.ttlSeconds ?? DOCUMENTED_TTL_SECONDS,
      renewable: true,
      scopes: tokens.scopes ?? ['all'],
      warnings: [],
    };
  }

  return {
    async prepare(context) {
      const creation = readCreation(context.record);
      if (!creation) return undefined;
      const region = openRegion(settings, context.region, METHOD_ID);
      const { connectionId, signal } = context;
      return createServiceAccount(deps, { region, connectionId, creation, signal });
    },

    async prove(context) {
      const opened = open(context);
      const { record, region } = opened;
      const { signal } = context;
      return classified(accountClassifier(stageOf(record), region.manifest), async () => {
        const { token, ...issued } = await mint(opened, signal);
        const client = createOvhClient(deps, region, { kind: 'token', accessToken: token });
        const account = await client.account(signal);
        await Promise.all((record.projects ?? []).map((id) => seeProject(client, id, signal)));
        return { account, warnings: [], issued };
      });
    },

    async refresh(context) {
      const opened = open(context);
      return classified(accountClassifier('again', opened.region.manifest), async () => {
        const { token: _, ...issued } = await mint(opened, context.signal);
        return issued;
      });
    },

    async revoke(context) {
      const keys = readSetupKeys(context.record);
      if (keys) {
        const region = openRegion(settings, context.region, METHOD_ID);
        const name = nameOf(context.connectionId, keys.consumerKey);
        const client = createOvhClient(deps, region, { kind: 'keys', ...keys });
        return removeUnfinished(client, region, name, context.signal);
      }
      if (context.record.reveal()['client_id'] === undefined) return { outcome: 'nothing_to_revoke' };
      return revokeToken(open(context), context.signal);
    },
  };
}

/** Throws what the API answered where the policy does not grant the project. */
const seeProject = (client: OvhClient, id: string, signal: AbortSignal): Promise<unknown> =>
  calling('project.read', () =>
    client.call({ method: 'GET', path: `/cloud/project/${id}`, reply: Type.Unknown(), signal }),
  );

/** While the keys are still stored, they may have made a service account whose answer was lost. */
async function removeUnfinished(
  client: OvhClient,
  { manifest }: RegionSettings,
  name: string,
  signal: AbortSignal,
): Promise<RevocationOutcome> {
  return classified(makingClassifier('account', manifest), async () => {
    const revoked = await calling('service_account.clear', () => removeByName(client, name, signal));
    return revoked.length > 0 ? { outcome: 'revoked', revoked } : { outcome: 'nothing_to_revoke' };
  });
}

async function revokeToken({ record, region, oauth }: Opened, signal: AbortSignal): Promise<RevocationOutcome> {
  const { access_token, client_id, made_at } = record;
  if (access_token !== undefined) {
    try {
      await classified(accountClassifier('again', region.manifest), () =>
        oauth.revoke(new Secret(access_token), 'access_token', signal),
      );
    } catch (error) {
      if (!(error instanceof ProviderError) || error.class !== 'revoked') throw error;
      // The service account is gone, and its tokens with it.
      return { outcome: 'revoked', revoked: ['access_token', 'service_account'] };
    }
  }
  const whose =
    made_at === undefined
      ? `The service account ${client_id} is yours, and stays`
      : `The service account ${client_id} that Mooring made stays, because the keys that made it were not kept`;
  return {
    outcome: 'unsupported',
    note: `${whose}: delete it at ${region.manifest.id} (DELETE /me/api/oauth2/client/${client_id}, and its IAM policy) to end the access for good. Its token was revoked, and Mooring has destroyed its own copy of the secret.`,
  };
}
