import { Type, type Static } from 'typebox';

import type { JsonObject } from '../../platform/json.ts';
import { maybe } from '../../platform/schema.ts';
import { Secret } from '../../platform/secret.ts';
import type { RevocationOutcome } from '../../contracts/connection.ts';
import { iso } from '../../contracts/time.ts';
import { CallError } from '../http/call-error.ts';
import { calling } from '../http/call-watch.ts';
import { classified } from '../http/classify.ts';
import type { RegionSettings } from '../manifests/settings.ts';
import { openRegion, parseRecord, unusable, type MethodDependencies } from '../preconditions.ts';
import { ProviderError, type AuthMethod, type CallContext, type IssuedCredential } from '../provider.ts';
import { createOvhClient, displayName, type OvhClient } from './client.ts';
import { keysOf } from './client/signature.ts';
import { keyClassifier, type KeyStage } from './errors.ts';
import { incomplete, keyEnds } from './problems.ts';
import { ApplicationKeysSchema, CurrentCredentialSchema, OwnerSchema, RequestedCredentialSchema } from './schema.ts';

const METHOD_ID = 'api_credentials';

/** OVHcloud does not say how long an unapproved key can be approved. */
const APPROVAL_SECONDS = 24 * 60 * 60;

/** Reading everything, and giving the key back. */
const ACCESS_RULES = [
  { method: 'GET', path: '/*' },
  { method: 'POST', path: '/auth/logout' },
];

/** What the record of a consumer key holds. */
const KeysRecordSchema = Type.Object({
  ...ApplicationKeysSchema.properties,
  /** Absent or empty until one was asked for. */
  consumer_key: maybe(Type.String()),
  /** Set while a key that was asked for waits for the customer, with the moment of asking in unix seconds. */
  validation_url: maybe(Type.String()),
  asked_at: maybe(Type.Number()),
});
type KeysRecord = Static<typeof KeysRecordSchema>;

/** Throws `ProviderError` where the application key or its secret is missing. */
const readKeys = (record: Secret<JsonObject>): KeysRecord =>
  parseRecord(KeysRecordSchema, record, incomplete('the application key and its secret'));

/** Keys of an application and a consumer key, with which every request is signed: given, or asked for and approved. */
export function apiCredentials(deps: MethodDependencies): AuthMethod {
  const { settings, clock } = deps;
  const nowSeconds = () => Math.floor(clock.now() / 1000);

  function stageOf({ validation_url, asked_at }: KeysRecord): KeyStage {
    if (!validation_url) return { stage: 'first' };
    const isOverdue = nowSeconds() - (asked_at ?? 0) > APPROVAL_SECONDS;
    return { stage: 'waiting', validationUrl: validation_url, isOverdue };
  }

  /** Throws {@link ProviderError}: keys that are not complete are sent nowhere. */
  function open({ region: regionId, record: stored }: CallContext) {
    const record = readKeys(stored);
    const region = openRegion(settings, regionId, METHOD_ID);
    const { consumer_key } = record;
    if (!consumer_key) throw unusable(incomplete('the consumer key'));
    const keys = keysOf({ ...record, consumer_key });
    return { record, region, client: createOvhClient(deps, region, { kind: 'keys', ...keys }) };
  }

  async function prove(context: CallContext, stage?: KeyStage) {
    const { record, region, client } = open(context);
    const { signal } = context;
    return classified(keyClassifier(stage ?? stageOf(record), region.manifest), async () => {
      const owner = await calling('account.read', () =>
        client.call({ method: 'GET', path: '/me', reply: OwnerSchema, signal }),
      );
      const issued = await current(client, record, signal);
      const { ttlSeconds } = issued;
      const warnings = ttlSeconds === null ? [] : [keyEnds(iso(clock.now() + ttlSeconds * 1000))];
      return { account: { id: owner.nichandle, displayName: displayName(owner) }, issued, warnings };
    });
  }

  /** How long the keys last, where their rules let them ask. */
  async function current(client: OvhClient, record: KeysRecord, signal: AbortSignal): Promise<IssuedCredential> {
    const asked = { method: 'GET', path: '/auth/currentCredential', reply: CurrentCredentialSchema, signal } as const;
    const { expiration = null } = await calling('consumer_key.read', () => client.call(asked)).catch(unlessRefused);
    const endsAtMs = expiration === null ? NaN : Date.parse(expiration);
    const fields: JsonObject = record.validation_url ? { validation_url: null, asked_at: null } : {};
    return {
      fields: new Secret(fields),
      ttlSeconds: Number.isNaN(endsAtMs) ? null : Math.max(0, Math.floor((endsAtMs - clock.now()) / 1000)),
      renewable: true,
      scopes: [],
      warnings: [],
    };
  }

  return {
    async prepare({ region: regionId, record: stored, signal }) {
      const { application_key, consumer_key } = readKeys(stored);
      if (consumer_key) return undefined;
      const region = openRegion(settings, regionId, METHOD_ID);
      // The application has no consumer key to sign with yet.
      const client = createOvhClient(deps, region, { kind: 'application', applicationKey: application_key });
      const asked = await classified(keyClassifier({ stage: 'first' }, region.manifest), () =>
        calling('consumer_key.request', () =>
          client.call({
            method: 'POST',
            path: '/auth/credential',
            body: { accessRules: ACCESS_RULES },
            reply: RequestedCredentialSchema,
            signal,
          }),
        ),
      );
      const fields = {
        consumer_key: asked.consumerKey,
        validation_url: asked.validationUrl,
        asked_at: nowSeconds(),
      };
      return { fields: new Secret<JsonObject>(fields), dropped: [] };
    },

    prove: (context) => prove(context),

    /** There is nothing to renew: that the keys still work is what upkeep finds out. */
    refresh: async (context) => (await prove(context, { stage: 'again' })).issued,

    async revoke(context) {
      if (!context.record.reveal()['consumer_key']) return { outcome: 'nothing_to_revoke' };
      const { region, client } = open(context);
      const { signal } = context;
      try {
        await classified(keyClassifier({ stage: 'again' }, region.manifest), () =>
          calling('consumer_key.revoke', () =>
            client.call({ method: 'POST', path: '/auth/logout', reply: Type.Unknown(), signal }),
          ),
        );
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        if (error.problem.code === 'call_not_granted') return notOursToRevoke(region);
        // Withdrawn before, or never approved: it is good for nothing.
        if (error.class !== 'revoked') throw error;
      }
      return { outcome: 'revoked', revoked: ['consumer_key'] };
    },
  };
}

/** Rules that do not cover the question leave the answer unknown. */
function unlessRefused(error: unknown): { expiration: null } {
  const failure = error instanceof CallError ? error.failure : undefined;
  if (failure?.kind === 'status' && failure.status === 403) return { expiration: null };
  throw error;
}

const notOursToRevoke = ({ manifest }: RegionSettings): RevocationOutcome => ({
  outcome: 'unsupported',
  note: `The access rules of the consumer key do not let Mooring revoke it: delete it in the API keys of the OVHcloud control panel of ${manifest.id}. Mooring has destroyed its own copy.`,
});
