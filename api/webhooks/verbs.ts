import { Type } from 'typebox';
import { iso } from '../../contracts/time.ts';
import type { StoredEndpoint } from '../../stores/webhooks/port.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { tenantOf } from '../http/principal.ts';
import { optionalBody } from '../http/plugins/json-body.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { described } from '../http/schema.ts';
import { changeEndpoint } from './change.ts';
import { webhookProblems } from './problems.ts';
import {
  DEFAULT_OVERLAP_HOURS,
  Enabled,
  RollBody,
  shownWebhook,
  WebhookParams,
  WebhookSchema,
  WithSecret,
} from './schema.ts';

const HOUR_MS = 3_600_000;
/** The whole schedule of a delivery is 75 h 35 min, and a tenth more at most. */
const LONGEST_DELIVERY_MS = 84 * HOUR_MS;
const tags = ['webhooks'];
const access = 'webhooks:write';

export function registerVerbs(app: App, deps: AppDependencies): void {
  registerRoll(app, deps);
  registerEndOverlap(app, deps);
  registerEnable(app, deps);
  registerDisable(app, deps);
}

function registerRoll(app: App, { webhookEndpoints, clock }: AppDependencies): void {
  app.post(
    '/v1/webhooks/:id/roll-secret',
    {
      config: { access },
      preValidation: optionalBody,
      schema: {
        operationId: 'rollWebhookSecret',
        summary: 'Gives a webhook endpoint a new secret',
        description:
          'The answer shows it, once. Until the overlap ends, every request carries the signatures of both, so that the receiver can change over at any moment; a third one, of a roll before, signs no more.',
        tags,
        params: WebhookParams,
        body: RollBody,
        response: { 200: WithSecret, ...problemReplies(400, 401, 403, 404, 409, 413, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      const { overlapHours = DEFAULT_OVERLAP_HOURS } = request.body;
      const until = overlapHours === 0 ? null : iso(clock.now() + overlapHours * HOUR_MS);
      const { id } = request.params;
      const seen: string[] = [];
      const rolled = await changeEndpoint(webhookEndpoints, tenantOf(request), id, async (stored) => {
        // Another roll at the same time would push this one's secret out, which was shown to a person.
        const current = stored.signing.current.reveal();
        if (seen.length > 0 && !seen.includes(current)) throw webhookProblems.changed();
        seen.push(current);
        return await webhookEndpoints.rollSecret(stored, until);
      });
      request.log.warn({ webhook: id }, 'The secret of a webhook endpoint was rolled.');
      reply.header('cache-control', 'no-store');
      return { secret: rolled.signing.current.reveal(), webhook: shownWebhook(rolled) };
    },
  );
}

function registerEndOverlap(app: App, { webhookEndpoints }: AppDependencies): void {
  app.delete(
    '/v1/webhooks/:id/previous-secret',
    {
      config: { access },
      schema: {
        operationId: 'endWebhookSecretOverlap',
        summary: 'Ends the overlap of a roll early',
        description: 'The secret before the last roll signs no more. Repeating it is fine.',
        tags,
        params: WebhookParams,
        response: {
          204: Type.Null({ description: 'Only the present secret signs.' }),
          ...problemReplies(400, 401, 403, 404, 409, 429, 503),
        },
      },
    },
    async (request, reply) => {
      await changeEndpoint(webhookEndpoints, tenantOf(request), request.params.id, async (stored) =>
        stored.signing.previous ? await webhookEndpoints.endOverlap(stored) : stored,
      );
      return await reply.code(204).send(null);
    },
  );
}

function registerEnable(app: App, { webhookEndpoints, deliveries }: AppDependencies): void {
  app.post(
    '/v1/webhooks/:id/enable',
    {
      config: { access },
      schema: {
        operationId: 'enableWebhook',
        summary: 'Enables a webhook endpoint again',
        description:
          'What happens from about ten seconds later on is delivered to it. The answer says what has failed meanwhile, for a replay. Repeating it is fine.',
        tags,
        params: WebhookParams,
        response: { 200: Enabled, ...problemReplies(400, 401, 403, 404, 409, 429, 503) },
      },
    },
    async (request) => {
      const tenant = tenantOf(request);
      const { id } = request.params;
      let before: StoredEndpoint['endpoint'] | undefined;
      const enabled = await changeEndpoint(webhookEndpoints, tenant, id, async (stored) => {
        before = stored.endpoint;
        if (!stored.endpoint.disabled) return stored;
        return await webhookEndpoints.change(stored, { disabled: null, failing: null });
      });
      const since = sinceOf(before);
      const failed = since === undefined ? 0 : await deliveries.countFailed(tenant, id, since);
      return { webhook: shownWebhook(enabled), missed: since === undefined || failed === 0 ? null : { since, failed } };
    },
  );
}

/** Undefined where nothing was missed. An event that has failed since then may have waited through its whole schedule. */
function sinceOf(before: StoredEndpoint['endpoint'] | undefined): string | undefined {
  const failing = before?.failing?.since ?? before?.disabled?.at;
  return failing === undefined ? undefined : iso(Date.parse(failing) - LONGEST_DELIVERY_MS);
}

function registerDisable(app: App, { webhookEndpoints, clock }: AppDependencies): void {
  app.post(
    '/v1/webhooks/:id/disable',
    {
      config: { access },
      schema: {
        operationId: 'disableWebhook',
        summary: 'Disables a webhook endpoint',
        description:
          'Nothing is delivered to it until it is enabled; deliveries that wait fail at their next attempt. Events of the meantime are kept for seven days, for a replay. Repeating it is fine.',
        tags,
        params: WebhookParams,
        response: { 200: described(WebhookSchema), ...problemReplies(400, 401, 403, 404, 409, 429, 503) },
      },
    },
    async (request) => {
      const disabled = { at: iso(clock.now()), reason: 'requested' } as const;
      const changed = await changeEndpoint(webhookEndpoints, tenantOf(request), request.params.id, async (stored) =>
        stored.endpoint.disabled ? stored : await webhookEndpoints.change(stored, { disabled }),
      );
      return shownWebhook(changed);
    },
  );
}
