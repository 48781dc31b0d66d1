import { Type } from 'typebox';
import { DEFAULT_LIFE_DAYS, type ApiKey, type StoredApiKey } from '../../stores/api-keys.ts';
import { SecretStoreConflict, SecretStoreUnavailable } from '../../stores/secrets/port.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { createCursors } from '../http/cursor.ts';
import { keyOf } from '../http/principal.ts';
import { audited } from '../http/plugins/audit.ts';
import { optionalBody } from '../http/plugins/json-body.ts';
import { readKeyUse } from '../http/plugins/key-use.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { described } from '../http/schema.ts';
import {
  addressesFor,
  assertMayGrant,
  assertRotatable,
  endOfOverlap,
  expiryAfter,
  lifeOf,
  manages,
  rightsFor,
  tenantMeant,
} from './grant.ts';
import { keyProblems } from './problems.ts';
import {
  ApiKeyList,
  ApiKeySchema,
  CreateBody,
  DEFAULT_OVERLAP_HOURS,
  filterOf,
  KeyParams,
  ListQuery,
  NewKey,
  RotateBody,
  shownKey,
} from './schema.ts';

const access = ['keys:write', 'operator:keys'] as const;
const tags = ['keys'];

/** API keys. A tenant manages its own, an operator those of all. */
export function registerKeys(app: App, deps: AppDependencies): void {
  registerList(app, deps);
  registerOne(app, deps);
  registerCreate(app, deps);
  registerRotate(app, deps);
  registerRevoke(app, deps);
}

function registerList(app: App, { apiKeys, ephemeral, keyRing, clock }: AppDependencies): void {
  const cursors = createCursors(keyRing, 'api-keys');
  app.get(
    '/v1/api-keys',
    {
      config: { access },
      schema: {
        operationId: 'listApiKeys',
        summary: 'API keys, with when they were used last',
        description:
          'Also those that have expired, until they are revoked; in the order of their ids. Never their secrets. A page may be short, or empty, and have another behind it: go on until `nextCursor` is null.',
        tags,
        querystring: ListQuery,
        response: { 200: ApiKeyList, ...problemReplies(400, 401, 403, 429, 503) },
      },
    },
    async (request) => {
      const { limit = 50, cursor, tenant: named, ...filters } = request.query;
      const tenant = tenantMeant(keyOf(request), named);
      const owner = tenant ?? '';
      const after = cursor === undefined ? null : Buffer.from(cursors.open(owner, filters, cursor)).toString();
      const isWanted = filterOf(filters, clock.now());
      const { keys, next } = await apiKeys.page(tenant, { limit, after, isWanted });
      return {
        items: await Promise.all(keys.map(async (key) => shownKey(key, await readKeyUse(ephemeral, key.id)))),
        nextCursor: next === null ? null : cursors.seal(owner, filters, Buffer.from(next)),
      };
    },
  );
}

function registerOne(app: App, { apiKeys, ephemeral }: AppDependencies): void {
  app.get(
    '/v1/api-keys/:id',
    {
      config: { access },
      schema: {
        operationId: 'getApiKey',
        summary: 'One API key, with when it was used last',
        description: 'Never its secret.',
        tags,
        params: KeyParams,
        response: { 200: described(ApiKeySchema), ...problemReplies(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request) => {
      const { apiKey } = await managed(apiKeys, keyOf(request), request.params.id);
      return shownKey(apiKey, await readKeyUse(ephemeral, apiKey.id));
    },
  );
}

function registerCreate(app: App, { apiKeys, tenants, clock }: AppDependencies): void {
  app.post(
    '/v1/api-keys',
    {
      config: { access },
      schema: {
        operationId: 'createApiKey',
        summary: 'Makes an API key',
        description:
          'The answer shows the key, once; Mooring keeps a hash of it. A key of a tenant makes keys of its tenant. An operator names the tenant, or makes a key for operators.',
        tags,
        body: CreateBody,
        response: { 201: NewKey, ...problemReplies(400, 401, 403, 404, 413, 415, 429, 501, 503) },
      },
    },
    async (request, reply) => {
      const caller = keyOf(request);
      const { name, scopes, tenantDisplayName, expiresInDays = DEFAULT_LIFE_DAYS, ...asked } = request.body;
      const tenant = tenantMeant(caller, asked.tenant);
      const rights = rightsFor(tenant, scopes);
      assertMayGrant(caller, rights);
      const made = await changing(async () => {
        const allowedAddresses = addressesFor(caller, asked.allowedAddresses);
        if (caller.tenant === null && tenant !== null) await ensureTenant(tenant, tenantDisplayName);
        const expiresAt = expiryAfter(clock.now(), expiresInDays);
        return await apiKeys.create({ ...rights, name, expiresAt, allowedAddresses, createdBy: caller.id });
      });
      audited(request, { target: made.apiKey.id });
      request.log.warn({ keyId: made.apiKey.id, by: caller.id }, 'An API key was made.');
      reply.code(201).header('cache-control', 'no-store');
      return { key: made.key.reveal(), apiKey: shownKey(made.apiKey, null) };
    },
  );

  async function ensureTenant(tenant: string, displayName: string | undefined): Promise<void> {
    if (await tenants.read(tenant)) return;
    if (displayName === undefined) throw keyProblems.tenantNotFound(tenant);
    await tenants.create(tenant, { displayName, platformRedirectUris: [], confirmsInvitations: true });
  }
}

function registerRotate(app: App, { apiKeys, clock }: AppDependencies): void {
  app.post(
    '/v1/api-keys/:id/rotate',
    {
      config: { access },
      preValidation: optionalBody,
      schema: {
        operationId: 'rotateApiKey',
        summary: 'Replaces an API key by a new one',
        description:
          'The new key has the rights of the old one, and is shown once. The old one stays valid for the overlap, so that no client is interrupted.',
        tags,
        params: KeyParams,
        body: RotateBody,
        response: { 201: NewKey, ...problemReplies(400, 401, 403, 404, 409, 413, 415, 429, 501, 503) },
      },
    },
    async (request, reply) => {
      const caller = keyOf(request);
      const old = await managed(apiKeys, caller, request.params.id);
      const { expiresInDays = lifeOf(old.apiKey), overlapHours = DEFAULT_OVERLAP_HOURS } = request.body;
      const now = clock.now();
      assertRotatable(old.apiKey, now);
      // The secret of the new key is shown to the caller, who thereby gets what the old one may do.
      assertMayGrant(caller, old.apiKey);
      addressesFor(caller, old.apiKey.allowedAddresses);
      const made = await changing(
        async () =>
          await apiKeys.rotate(old, {
            createdBy: caller.id,
            expiresAt: expiryAfter(now, expiresInDays),
            oldExpiresAt: endOfOverlap(old.apiKey, now, overlapHours),
          }),
      );
      await app.keySessions.changed(old.apiKey.id);
      request.log.warn({ keyId: old.apiKey.id, newKeyId: made.apiKey.id, by: caller.id }, 'An API key was rotated.');
      reply.code(201).header('cache-control', 'no-store');
      return { key: made.key.reveal(), apiKey: shownKey(made.apiKey, null) };
    },
  );
}

function registerRevoke(app: App, { apiKeys }: AppDependencies): void {
  app.delete(
    '/v1/api-keys/:id',
    {
      config: { access },
      schema: {
        operationId: 'revokeApiKey',
        summary: 'Revokes an API key at once',
        description:
          'Every API process refuses it within seconds (30 at the latest, if the ephemeral store does not answer), and its event streams end.',
        tags,
        params: KeyParams,
        response: {
          204: Type.Null({ description: 'It is revoked.' }),
          ...problemReplies(400, 401, 403, 404, 429, 501, 503),
        },
      },
    },
    async (request, reply) => {
      const caller = keyOf(request);
      const { apiKey } = await managed(apiKeys, caller, request.params.id);
      await changing(async () => await apiKeys.revoke(apiKey.id));
      await app.keySessions.changed(apiKey.id);
      request.log.warn({ keyId: apiKey.id, by: caller.id }, 'An API key was revoked.');
      return await reply.code(204).send(null);
    },
  );
}

/** A key of another tenant is answered like one that does not exist. */
async function managed(apiKeys: AppDependencies['apiKeys'], caller: ApiKey, id: string): Promise<StoredApiKey> {
  const stored = await apiKeys.read(id);
  if (!stored || !manages(caller, stored.apiKey)) throw keyProblems.notFound();
  return stored;
}

/** An installation may keep the right to change keys from the API. */
async function changing<T>(change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (error instanceof SecretStoreConflict) throw keyProblems.changed(error);
    if (error instanceof SecretStoreUnavailable && error.forbidden) throw keyProblems.managedElsewhere(error);
    throw error;
  }
}
