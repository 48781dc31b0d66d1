import { Type } from 'typebox';
import type { DeliveryStatus } from '../../contracts/webhooks.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import { EphemeralStoreUnavailable } from '../../stores/ephemeral/port.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { createCursors } from '../http/cursor.ts';
import { tenantOf } from '../http/principal.ts';
import { optionalBody } from '../http/plugins/json-body.ts';
import { apiProblems } from '../http/problem.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { CursorSchema, described } from '../http/schema.ts';
import { endpointOf } from './change.ts';
import { DeliveriesPage, DeliverySchema, shownDelivery } from './delivery-schema.ts';
import { webhookProblems } from './problems.ts';
import { sampleEvent } from './sample.ts';
import { DeliveryParams, DeliveryStatusSchema, TestBody, WebhookParams } from './schema.ts';

const tags = ['webhooks'];
/** Longer than the receiver has for its answer. */
const TEST_WAIT_MS = 20_000;
/** Of one tenant: each is a request to an address that somebody chose. */
const SAMPLES_PER_MINUTE = 30;
const MINUTE_SECONDS = 60;

const Query = Type.Object(
  {
    status: Type.Optional(DeliveryStatusSchema),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, default: 25 })),
    cursor: Type.Optional(CursorSchema),
  },
  { additionalProperties: false },
);

export function registerDeliveries(app: App, deps: AppDependencies): void {
  registerTest(app, deps);
  registerList(app, deps);
  registerGet(app, deps);
  registerRetry(app, deps);
}

function registerTest(app: App, deps: AppDependencies): void {
  const { webhookEndpoints, deliveries } = deps;
  app.post(
    '/v1/webhooks/:id/test',
    {
      config: { access: 'webhooks:write' },
      preValidation: optionalBody,
      schema: {
        operationId: 'testWebhook',
        summary: 'Sends a sample to a webhook endpoint',
        description:
          'An event of the type, signed and sent as a real one, with `"test": true`; once, whatever the filters are, and also where the endpoint is disabled; at most 30 a minute for a tenant. The answer shows what the receiver said. It is `pending` where no worker has sent it within 20 seconds.',
        tags,
        params: WebhookParams,
        body: TestBody,
        response: {
          200: described(DeliverySchema),
          ...problemReplies(400, 401, 403, 404, 413, 415, 429, 503),
        },
      },
    },
    async (request) => {
      const tenant = tenantOf(request);
      const { endpoint } = await endpointOf(webhookEndpoints, tenant, request.params.id);
      await assertFewSamples(deps, tenant);
      const { type = 'test.ping' } = request.body;
      const event = sampleEvent(deps, endpoint, type);
      return shownDelivery(await deliveries.send({ v: 1, tenant, endpoint: endpoint.id, event }, TEST_WAIT_MS));
    },
  );
}

/** Where nothing can be counted, all is allowed. */
async function assertFewSamples(
  { ephemeral, logger }: Pick<AppDependencies, 'ephemeral' | 'logger'>,
  tenant: string,
): Promise<void> {
  try {
    const key = ephemeralKeys.rateLimit(`webhook-samples:${tenant}`);
    const { count, resetSeconds } = await ephemeral.increment(key, MINUTE_SECONDS);
    if (count <= SAMPLES_PER_MINUTE) return;
    const message = `The tenant has sent ${SAMPLES_PER_MINUTE} samples within a minute.`;
    throw apiProblems.tooManyRequests(message, Math.max(1, resetSeconds));
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    logger.warn({ err: error, tenant }, 'A sample of a webhook could not be counted.');
  }
}

function registerList(app: App, { webhookEndpoints, deliveries, keyRing }: AppDependencies): void {
  const cursors = createCursors(keyRing, 'deliveries');
  app.get(
    '/v1/webhooks/:id/deliveries',
    {
      config: { access: 'webhooks:read' },
      schema: {
        operationId: 'listWebhookDeliveries',
        summary: 'What was sent to a webhook endpoint',
        description:
          'Newest first, with what the receiver answered; a change shows within about a second. Ended ones are listed for as long as Temporal retains them. A page may be short, or empty, and have another behind it: go on until `nextCursor` is null.',
        tags,
        params: WebhookParams,
        querystring: Query,
        response: { 200: DeliveriesPage, ...problemReplies(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request) => {
      const tenant = tenantOf(request);
      const { endpoint } = await endpointOf(webhookEndpoints, tenant, request.params.id);
      const {
        limit = 25,
        cursor,
        status,
      }: { limit?: number; cursor?: string; status?: DeliveryStatus } = request.query;
      const filters = { endpoint: endpoint.id, status };
      const pageToken = cursor === undefined ? undefined : cursors.open(tenant, filters, cursor);
      const wanted = status === undefined ? {} : { status };
      const page = await deliveries.list(tenant, endpoint.id, wanted, { limit, pageToken });
      return {
        items: page.views.map(shownDelivery),
        nextCursor: page.nextPageToken ? cursors.seal(tenant, filters, page.nextPageToken) : null,
      };
    },
  );
}

function registerGet(app: App, { webhookEndpoints, deliveries }: AppDependencies): void {
  app.get(
    '/v1/webhooks/:id/deliveries/:delivery',
    {
      config: { access: 'webhooks:read' },
      schema: {
        operationId: 'getWebhookDelivery',
        summary: 'One delivery',
        description: 'The event, every attempt with what the receiver answered, and when the next one is due.',
        tags,
        params: DeliveryParams,
        response: { 200: described(DeliverySchema), ...problemReplies(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request) => {
      const tenant = tenantOf(request);
      const { id, delivery } = request.params;
      const { endpoint } = await endpointOf(webhookEndpoints, tenant, id);
      return shownDelivery(await deliveries.view(tenant, endpoint.id, delivery));
    },
  );
}

function registerRetry(app: App, { webhookEndpoints, deliveries }: AppDependencies): void {
  app.post(
    '/v1/webhooks/:id/deliveries/:delivery/retry',
    {
      config: { access: 'webhooks:write' },
      schema: {
        operationId: 'retryWebhookDelivery',
        summary: 'Delivers an event again, now',
        description:
          'The same event with the same id. One that waits for its next attempt makes it now; one that has ended begins its schedule again.',
        tags,
        params: DeliveryParams,
        response: { 202: described(DeliverySchema), ...problemReplies(400, 401, 403, 404, 409, 429, 503) },
      },
    },
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { id, delivery } = request.params;
      const { endpoint } = await endpointOf(webhookEndpoints, tenant, id);
      if (endpoint.disabled) throw webhookProblems.disabled();
      const view = await deliveries.retry(tenant, endpoint.id, delivery);
      reply.code(202);
      return shownDelivery(view);
    },
  );
}
