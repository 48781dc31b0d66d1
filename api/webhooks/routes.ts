import { Type, type Static } from 'typebox';
import { createAddressRules } from '../../platform/public-address.ts';
import { TooManyEndpoints, type NewEndpoint } from '../../stores/webhooks/port.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { audited } from '../http/plugins/audit.ts';
import { tenantOf } from '../http/principal.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { described } from '../http/schema.ts';
import { changeEndpoint, endpointOf } from './change.ts';
import { checkUrl } from './check-url.ts';
import { registerConnectionEvents } from './connection-events.ts';
import { registerDeliveries } from './deliveries.ts';
import { webhookProblems } from './problems.ts';
import { registerReplays } from './replays.ts';
import {
  ChangeBody,
  CreateBody,
  shownWebhook,
  WebhookList,
  WebhookParams,
  WebhookSchema,
  WithSecret,
} from './schema.ts';
import { registerVerbs } from './verbs.ts';

const tags = ['webhooks'];

/** Endpoints of webhooks, what was delivered to them, and the events of a connection. */
export function registerWebhooks(app: App, deps: AppDependencies): void {
  registerReads(app, deps);
  registerCreate(app, deps);
  registerChange(app, deps);
  registerDelete(app, deps);
  registerVerbs(app, deps);
  registerDeliveries(app, deps);
  registerReplays(app, deps);
  registerConnectionEvents(app, deps);
}

function registerReads(app: App, { webhookEndpoints }: AppDependencies): void {
  app.get(
    '/v1/webhooks',
    {
      config: { access: 'webhooks:read' },
      schema: {
        operationId: 'listWebhooks',
        summary: 'Webhook endpoints of the tenant',
        description: 'Oldest first, at most 16. Never their secrets.',
        tags,
        response: { 200: WebhookList, ...problemReplies(401, 403, 429, 503) },
      },
    },
    async (request) => ({ items: (await webhookEndpoints.list(tenantOf(request))).map(shownWebhook) }),
  );
  app.get(
    '/v1/webhooks/:id',
    {
      config: { access: 'webhooks:read' },
      schema: {
        operationId: 'getWebhook',
        summary: 'One webhook endpoint',
        description: 'With how deliveries to it go.',
        tags,
        params: WebhookParams,
        response: { 200: described(WebhookSchema), ...problemReplies(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request) => shownWebhook(await endpointOf(webhookEndpoints, tenantOf(request), request.params.id)),
  );
}

function registerCreate(app: App, deps: AppDependencies): void {
  const { webhookEndpoints } = deps;
  app.post(
    '/v1/webhooks',
    {
      config: { access: 'webhooks:write' },
      schema: {
        operationId: 'createWebhook',
        summary: 'Makes a webhook endpoint',
        description:
          'The answer shows its secret, once. What happens from about ten seconds later on is delivered to it; what happened before, by a replay. Where the answer was lost, list the endpoints and roll the secret.',
        tags,
        body: CreateBody,
        response: { 201: WithSecret, ...problemReplies(400, 401, 403, 409, 413, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { url, description = null, types = [], providers = [], tags: wanted = [] } = request.body;
      const input = { description, types, providers, tags: wanted, ...checked(deps, { url, providers }) };
      const made = await create(tenantOf(request), input);
      const { id } = made.endpoint;
      audited(request, { target: id });
      reply.code(201).header('location', `/v1/webhooks/${id}`).header('cache-control', 'no-store');
      return { secret: made.signing.current.reveal(), webhook: shownWebhook(made) };
    },
  );

  async function create(tenant: string, input: NewEndpoint) {
    try {
      return await webhookEndpoints.create(tenant, input);
    } catch (error) {
      throw error instanceof TooManyEndpoints ? webhookProblems.tooMany() : error;
    }
  }
}

function registerChange(app: App, deps: AppDependencies): void {
  const { webhookEndpoints } = deps;
  app.patch(
    '/v1/webhooks/:id',
    {
      config: { access: 'webhooks:write' },
      schema: {
        operationId: 'changeWebhook',
        summary: 'Changes a webhook endpoint',
        description:
          'What is left out stays. Filters count for what happens from now on; the URL also for deliveries that wait for their next attempt.',
        tags,
        params: WebhookParams,
        body: ChangeBody,
        response: {
          200: described(WebhookSchema),
          ...problemReplies(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
        },
      },
    },
    async (request) => {
      const change = { ...request.body, ...checked(deps, request.body) };
      const { id } = request.params;
      const changed = await changeEndpoint(webhookEndpoints, tenantOf(request), id, async (stored) => {
        // How deliveries to another address went says nothing of this one.
        const isMoved = change.url !== undefined && change.url !== stored.endpoint.url;
        return await webhookEndpoints.change(stored, { ...change, ...(isMoved && { failing: null }) });
      });
      return shownWebhook(changed);
    },
  );
}

function registerDelete(app: App, { webhookEndpoints }: AppDependencies): void {
  app.delete(
    '/v1/webhooks/:id',
    {
      config: { access: 'webhooks:write' },
      schema: {
        operationId: 'deleteWebhook',
        summary: 'Deletes a webhook endpoint',
        description: 'Its secrets are destroyed. Deliveries that wait are dropped.',
        tags,
        params: WebhookParams,
        response: {
          204: Type.Null({ description: 'It is deleted.' }),
          ...problemReplies(400, 401, 403, 404, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { endpoint } = await endpointOf(webhookEndpoints, tenant, request.params.id);
      await webhookEndpoints.remove(tenant, endpoint.id);
      return await reply.code(204).send(null);
    },
  );
}

/** The URL in its normal form. Throws where the URL, or a provider, is not taken. */
function checked<T extends Partial<Pick<Static<typeof CreateBody>, 'url' | 'providers'>>>(
  { config, providers }: Pick<AppDependencies, 'config' | 'providers'>,
  body: T,
): Pick<T, 'url'> {
  const known = providers.all.map(({ manifest }) => manifest.id);
  const unknown = (body.providers ?? []).filter((id) => !known.includes(id));
  if (unknown.length > 0) throw webhookProblems.unknownProvider(unknown, known);
  if (body.url === undefined) return {};
  const { allowed, allowsHttp } = config.webhooks;
  return { url: checkUrl(body.url, { allowsHttp, addresses: createAddressRules(allowed) }) };
}
