import type { Static } from 'typebox';
import type { StoredTenant } from '../../stores/tenants.ts';
import { SecretStoreConflict, SecretStoreUnavailable } from '../../stores/secrets/port.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { createCursors } from '../http/cursor.ts';
import { actorOf, tenantOf } from '../http/principal.ts';
import { audited } from '../http/plugins/audit.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { described } from '../http/schema.ts';
import { changedTenant, newTenant } from './change.ts';
import { tenantProblems } from './problems.ts';
import {
  ChangeBody,
  ChangeOwnBody,
  CreateBody,
  ListQuery,
  shownTenant,
  TenantPage,
  TenantParams,
  TenantSchema,
  type ShownTenant,
} from './schema.ts';

const tags = ['tenants'];
const changeProblems = problemReplies(400, 401, 403, 404, 409, 413, 415, 429, 501, 503);

/** Tenants: an operator makes and changes them; a tenant changes how it looks, and where its platform may be led back to. */
export function registerTenants(app: App, deps: AppDependencies): void {
  registerList(app, deps);
  registerCreate(app, deps);
  registerOne(app, deps);
  registerOwn(app, deps);
}

function registerList(app: App, { tenants, keyRing, config }: AppDependencies): void {
  const cursors = createCursors(keyRing, 'tenants');
  app.get(
    '/v1/tenants',
    {
      config: { access: 'operator:tenants' },
      schema: {
        operationId: 'listTenants',
        summary: 'Tenants, in the order of their ids',
        description: 'A page may be short and have another behind it: go on until `nextCursor` is null.',
        tags,
        querystring: ListQuery,
        response: { 200: TenantPage, ...problemReplies(400, 401, 403, 429, 501, 503) },
      },
    },
    async (request) => {
      const { limit = 50, cursor } = request.query;
      const after = cursor === undefined ? '' : Buffer.from(cursors.open('', {}, cursor)).toString();
      const ids = (await permitted(async () => await tenants.list())).filter((id) => id > after);
      const page = ids.slice(0, limit);
      const last = page.at(-1);
      const items = await Promise.all(
        page.map(async (id) => {
          const tenant = await tenants.read(id);
          return tenant ? [shownTenant(id, tenant, config.quotas)] : [];
        }),
      );
      const nextCursor = last !== undefined && ids.length > limit ? cursors.seal('', {}, Buffer.from(last)) : null;
      return { items: items.flat(), nextCursor };
    },
  );
}

function registerCreate(app: App, deps: AppDependencies): void {
  const { tenants, config } = deps;
  app.post(
    '/v1/tenants',
    {
      config: { access: 'operator:tenants' },
      schema: {
        operationId: 'createTenant',
        summary: 'Makes a tenant',
        description: 'Its first API key is made with POST /v1/api-keys, by an operator with `operator:keys`.',
        tags,
        body: CreateBody,
        response: {
          201: described(TenantSchema),
          ...problemReplies(400, 401, 403, 409, 413, 415, 429, 501, 503),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.body;
      audited(request, { target: id });
      const asked = newTenant(request.body, rulesOf(config));
      const made = await permitted(async () => await tenants.replace(id, 0, asked)).catch((error: unknown) => {
        throw error instanceof SecretStoreConflict ? tenantProblems.exists(id, error) : error;
      });
      request.log.warn({ tenant: id, by: actorOf(request).id }, 'A tenant was made.');
      reply.code(201);
      return shownTenant(id, made, config.quotas);
    },
  );
}

function registerOne(app: App, deps: AppDependencies): void {
  app.get(
    '/v1/tenants/:id',
    {
      config: { access: 'operator:tenants' },
      schema: {
        operationId: 'getTenant',
        summary: 'One tenant',
        tags,
        params: TenantParams,
        response: { 200: described(TenantSchema), ...problemReplies(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request) => await shown(deps, request.params.id),
  );

  app.patch(
    '/v1/tenants/:id',
    {
      config: { access: 'operator:tenants' },
      schema: {
        operationId: 'changeTenant',
        summary: 'Changes a tenant',
        description:
          'A merge patch (RFC 7396), also within `branding` and `quotas`: what is left out stays, null takes away. In effect within five seconds.',
        tags,
        params: TenantParams,
        body: ChangeBody,
        response: { 200: described(TenantSchema), ...changeProblems },
      },
    },
    async (request) => {
      const { id } = request.params;
      const changed = await change(deps, id, request.body);
      request.log.warn({ tenant: id, by: actorOf(request).id }, 'A tenant was changed.');
      return changed;
    },
  );
}

function registerOwn(app: App, deps: AppDependencies): void {
  app.get(
    '/v1/tenant',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'getOwnTenant',
        summary: 'The tenant of the key',
        tags,
        response: { 200: described(TenantSchema), ...problemReplies(401, 403, 404, 429, 503) },
      },
    },
    async (request) => await shown(deps, tenantOf(request)),
  );

  app.patch(
    '/v1/tenant',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'changeOwnTenant',
        summary: 'Changes how the tenant of the key looks',
        description:
          'A merge patch (RFC 7396), also within `branding`. The name, the quotas and whether accounts are confirmed are the operator’s.',
        tags,
        body: ChangeOwnBody,
        response: { 200: described(TenantSchema), ...changeProblems },
      },
    },
    async (request) => {
      const tenant = tenantOf(request);
      audited(request, { target: tenant });
      const changed = await change(deps, tenant, request.body);
      request.log.warn({ tenant, by: actorOf(request).id }, 'A tenant changed itself.');
      return changed;
    },
  );
}

type Dependencies = Pick<AppDependencies, 'tenants' | 'config'>;

async function shown({ tenants, config }: Dependencies, id: string): Promise<ShownTenant> {
  return shownTenant(id, await existing(tenants, id), config.quotas);
}

/** Writes only over the version that was read, so that no change of another request is lost. */
async function change(
  { tenants, config }: Dependencies,
  id: string,
  { version, ...asked }: Static<typeof ChangeBody>,
): Promise<ShownTenant> {
  const current = await existing(tenants, id);
  if (version !== undefined && version !== current.version) throw tenantProblems.changed();
  const changed = changedTenant(current, asked, rulesOf(config));
  const stored = await permitted(async () => await tenants.replace(id, current.version, changed)).catch(
    (error: unknown) => {
      throw error instanceof SecretStoreConflict ? tenantProblems.changed(error) : error;
    },
  );
  return shownTenant(id, stored, config.quotas);
}

async function existing(tenants: Dependencies['tenants'], id: string): Promise<StoredTenant> {
  const tenant = await tenants.read(id);
  if (!tenant) throw tenantProblems.notFound(id);
  return tenant;
}

/** An installation may keep the right to list and change tenants from the API. */
async function permitted<T>(deed: () => Promise<T>): Promise<T> {
  try {
    return await deed();
  } catch (error) {
    if (error instanceof SecretStoreUnavailable && error.forbidden) throw tenantProblems.managedElsewhere(error);
    throw error;
  }
}

const rulesOf = ({ dev = false }: Dependencies['config']) => ({ dev });
