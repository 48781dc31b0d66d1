import { createHash } from 'node:crypto';
import { replayIdPrefix } from '../../contracts/webhook-replays.ts';
import { readableId } from '../../platform/readable-id.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { actorOf, tenantOf } from '../http/principal.ts';
import { apiProblems } from '../http/problem.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { described, IdempotencyHeaders } from '../http/schema.ts';
import { endpointOf } from './change.ts';
import { ReplayBody, ReplaySchema, shownReplay } from './delivery-schema.ts';
import { webhookProblems } from './problems.ts';
import { ReplayParams, WebhookParams } from './schema.ts';

const tags = ['webhooks'];
const ID_BYTES = 17;
/** Nothing is kept for so long, whatever Temporal's retention is. */
const LONGEST_AGE_MS = 400 * 24 * 3_600_000;

export function registerReplays(app: App, deps: AppDependencies): void {
  registerStart(app, deps);
  registerGet(app, deps);
  registerCancel(app, deps);
}

function registerStart(app: App, { webhookEndpoints, replays, clock, randomBytes }: AppDependencies): void {
  app.post(
    '/v1/webhooks/:id/replay',
    {
      config: { access: 'webhooks:write' },
      schema: {
        operationId: 'replayWebhook',
        summary: 'Delivers events again',
        description:
          'A job that goes on by itself: GET it to see how far it is. Each event keeps its id, and is delivered on the whole schedule. About 50 a second are started, not in order. One replay at a time for each endpoint. With an Idempotency-Key a repeat answers 200 with the same job.',
        tags,
        params: WebhookParams,
        headers: IdempotencyHeaders,
        body: ReplayBody,
        response: {
          200: described(ReplaySchema),
          202: described(ReplaySchema),
          ...problemReplies(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { endpoint } = await endpointOf(webhookEndpoints, tenant, request.params.id);
      if (endpoint.disabled) throw webhookProblems.disabled();
      const { scope } = request.body;
      const sinceMs = Date.parse(request.body.since);
      const ageMs = clock.now() - sinceMs;
      if (!(ageMs > 0 && ageMs < LONGEST_AGE_MS)) throw webhookProblems.sinceRefused();
      const since = new Date(sinceMs).toISOString();
      const key = request.headers['idempotency-key'];
      const bytes = key === undefined ? randomBytes(ID_BYTES) : hashOf(tenant, endpoint.id, key);
      const id = readableId(replayIdPrefix(endpoint.id), bytes);
      const other = await replays.running(tenant, endpoint.id);
      if (other !== undefined && other !== id) throw webhookProblems.replayRunning(other);
      const input = { v: 1, id, tenant, endpoint: endpoint.id, scope, since, by: actorOf(request) } as const;
      const { created, view } = await replays.start(input);
      if (view.scope !== scope || view.since !== since) throw apiProblems.idempotencyKeyReused();
      reply.code(created ? 202 : 200).header('location', `/v1/webhooks/${endpoint.id}/replays/${id}`);
      return shownReplay(view);
    },
  );
}

function registerGet(app: App, { webhookEndpoints, replays }: AppDependencies): void {
  app.get(
    '/v1/webhooks/:id/replays/:replay',
    {
      config: { access: 'webhooks:read' },
      schema: {
        operationId: 'getWebhookReplay',
        summary: 'How far a replay is',
        description: 'Needs no worker. It is kept for as long as Temporal retains it after its end.',
        tags,
        params: ReplayParams,
        response: { 200: described(ReplaySchema), ...problemReplies(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request) => {
      const tenant = tenantOf(request);
      const { id, replay } = request.params;
      const { endpoint } = await endpointOf(webhookEndpoints, tenant, id);
      return shownReplay(await replays.view(tenant, endpoint.id, replay));
    },
  );
}

function registerCancel(app: App, { webhookEndpoints, replays }: AppDependencies): void {
  app.post(
    '/v1/webhooks/:id/replays/:replay/cancel',
    {
      config: { access: 'webhooks:write' },
      schema: {
        operationId: 'cancelWebhookReplay',
        summary: 'Cancels a replay',
        description: 'Deliveries that it has started go on; no others are started. Repeating it is fine.',
        tags,
        params: ReplayParams,
        response: { 202: described(ReplaySchema), ...problemReplies(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { id, replay } = request.params;
      const { endpoint } = await endpointOf(webhookEndpoints, tenant, id);
      reply.code(202);
      return shownReplay(await replays.cancel(tenant, endpoint.id, replay));
    },
  );
}

/** The same tenant, endpoint and key always give the same id, so that a repeated request cannot start a second one. */
const hashOf = (tenant: string, endpoint: string, key: string): Buffer =>
  createHash('sha256')
    .update(JSON.stringify(['replay', tenant, endpoint, key]))
    .digest();
