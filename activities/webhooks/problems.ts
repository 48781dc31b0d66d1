import { plainText } from '../../contracts/plain-text.ts';
import type { Problem } from '../../contracts/problem.ts';

const FIX = 'It is tried again by itself. If it lasts, look at the log of the endpoint.';

/** Why a delivery has not succeeded. Each is shown with its attempt. */
export const deliveryProblems = {
  status: (status: number): Problem => ({
    code: 'endpoint_refused',
    message: `The endpoint answered ${status}; only 200 to 299 means that it has the event.`,
    remedy: FIX,
  }),
  redirected: (status: number): Problem => ({
    code: 'endpoint_redirects',
    message: `The endpoint answered ${status}: it redirects, and a redirect is not followed.`,
    remedy: 'Give the endpoint the address that it redirects to: PATCH /v1/webhooks/{id}.',
  }),
  unreachable: (reason: string): Problem => ({
    code: 'endpoint_unreachable',
    message: `The endpoint did not answer (${plainText(reason, 100)}).`,
    remedy: FIX,
  }),
  timedOut: (seconds: number): Problem => ({
    code: 'endpoint_timed_out',
    message: `The endpoint did not answer within ${seconds} seconds.`,
    remedy: 'Answer first, and do the work afterwards. It is tried again by itself.',
  }),
  gone: {
    code: 'endpoint_gone',
    message: 'The endpoint answered 410: it wants no more events. It is disabled now.',
    remedy: 'If that was a mistake, POST /v1/webhooks/{id}/enable, and replay what failed.',
  },
  notAllowed: {
    code: 'endpoint_address_not_allowed',
    message: 'The endpoint is, or its name stands for, an address inside a network that must not be reached.',
    remedy:
      'Use a public address. The operator can allow networks and hosts of their own: MOORING_WEBHOOK_ALLOWED_NETWORKS.',
  },
  insecure: {
    code: 'endpoint_not_https',
    message: 'The address of the endpoint does not begin with https://.',
    remedy: 'Give the endpoint an https address: PATCH /v1/webhooks/{id}.',
  },
  disabled: {
    code: 'endpoint_disabled',
    message: 'The endpoint is disabled, so nothing was sent.',
    remedy: 'POST /v1/webhooks/{id}/enable, and replay what failed.',
  },
  deleted: {
    code: 'endpoint_deleted',
    message: 'The endpoint was deleted, so nothing was sent.',
    remedy: 'Nothing to do.',
  },
  busy: {
    code: 'endpoint_busy',
    message: 'The endpoint takes longer than its events come, so this one waits.',
    remedy: 'Answer first, and do the work afterwards. It is sent by itself.',
  },
  held: {
    code: 'endpoint_held',
    message: 'The endpoint asked for fewer requests, so this one waits.',
    remedy: 'Nothing to do: it is sent by itself.',
  },
} as const satisfies Record<string, Problem | ((value: never) => Problem)>;
