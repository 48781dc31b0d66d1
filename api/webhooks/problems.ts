import { MOST_ENDPOINTS } from '../../stores/webhooks/port.ts';
import { ApiProblem } from '../http/problem.ts';

export const webhookProblems = {
  notFound: () =>
    new ApiProblem({
      status: 404,
      code: 'webhook_not_found',
      message: 'There is no such webhook endpoint.',
      remedy: 'GET /v1/webhooks lists the endpoints of the tenant.',
    }),
  tooMany: () =>
    new ApiProblem({
      status: 409,
      code: 'too_many_webhooks',
      message: `The tenant has ${MOST_ENDPOINTS} webhook endpoints, which is the most that it may have.`,
      remedy: 'Delete one that is not needed, or let one endpoint receive more types.',
    }),
  urlRefused: (reason: string) =>
    new ApiProblem({
      status: 422,
      code: 'webhook_url_refused',
      message: `The URL is not taken. ${reason}`,
      remedy:
        'Give an https URL of a host on the public internet. Where the receiver is in a private network, the operator can allow it with MOORING_WEBHOOK_ALLOWED_NETWORKS.',
    }),
  unknownProvider: (unknown: readonly string[], known: readonly string[]) =>
    new ApiProblem({
      status: 422,
      code: 'provider_unknown',
      message: `There is no provider ${unknown.map((id) => `"${id}"`).join(', ')}. There are: ${known.join(', ')}.`,
      remedy: 'GET /v1/providers lists what can be connected here.',
    }),
  changed: (cause?: unknown) =>
    new ApiProblem({
      status: 409,
      code: 'webhook_changed',
      message: 'This webhook endpoint was changed by another request at the same time.',
      remedy: 'Read it again with GET /v1/webhooks/{id}, then decide.',
      cause,
    }),
  disabled: () =>
    new ApiProblem({
      status: 409,
      code: 'webhook_disabled',
      message: 'This webhook endpoint is disabled, so nothing is delivered to it.',
      remedy: 'Enable it first: POST /v1/webhooks/{id}/enable.',
    }),
  deliveryNotFound: () =>
    new ApiProblem({
      status: 404,
      code: 'delivery_not_found',
      message: 'This webhook endpoint has no such delivery.',
      remedy: 'GET /v1/webhooks/{id}/deliveries lists them, for as long as Temporal retains them after their end.',
    }),
  replayNotFound: () =>
    new ApiProblem({
      status: 404,
      code: 'replay_not_found',
      message: 'This webhook endpoint has no such replay.',
      remedy: 'Check the id. A replay is kept for as long as Temporal retains it after its end.',
    }),
  replayRunning: (id: string) =>
    new ApiProblem({
      status: 409,
      code: 'replay_running',
      message: `The replay ${id} to this webhook endpoint has not ended.`,
      remedy: 'Wait until it has, or cancel it: POST /v1/webhooks/{id}/replays/{replay}/cancel.',
    }),
  sinceRefused: () =>
    new ApiProblem({
      status: 422,
      code: 'replay_since_invalid',
      message: '"since" is not a time within the last 400 days.',
      remedy: 'Give a time before now, such as 2026-11-29T17:00:00Z.',
    }),
} as const;
