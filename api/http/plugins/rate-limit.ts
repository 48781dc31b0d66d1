import type { FastifyReply } from 'fastify';
import type { Clock } from '../../../platform/clock.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import { EphemeralStoreUnavailable, type EphemeralStore } from '../../../stores/ephemeral/port.ts';
import { plugin } from '../plugin.ts';
import { apiProblems } from '../problem.ts';
import { createRequestCounter } from './request-counter.ts';

/** Below this share of the limit, a reply does not wait for the count. */
const FAR_FROM_LIMIT = 0.5;
const NOT_COUNTED = 'A request could not be counted.';

/**
 * Limits the requests per minute of each API key, counted across all processes. Public routes have limits of their own.
 * Every reply says how many requests remain (draft-ietf-httpapi-ratelimit-headers-07).
 */
export const rateLimit = (deps: {
  readonly ephemeral: EphemeralStore;
  readonly clock: Clock;
  readonly config: { readonly requestsPerMinute: number | null };
}) =>
  plugin('rate-limit', ['authentication'], (app) => {
    const { clock, config } = deps;
    const { requestsPerMinute: limit } = config;
    if (limit === null) return;
    const counter = createRequestCounter(deps);

    app.addHook('onRequest', async (request, reply) => {
      const apiKey = request.principal?.apiKey;
      if (!apiKey) return;
      const key = ephemeralKeys.rateLimit(`requests:${apiKey.id}`);
      const known = counter.known(key);
      const counting = counter.count(key);
      try {
        // Far from the limit, the reply need not wait for the count; requests to other processes appear in the next
        // count.
        const isFar = known !== undefined && known.count < limit * FAR_FROM_LIMIT;
        if (isFar) counting.catch((error: unknown) => request.log.warn({ err: error }, NOT_COUNTED));
        const { count, resetAtMs } = isFar ? known : await counting;
        const resetSeconds = Math.max(Math.ceil((resetAtMs - clock.now()) / 1000), 0);
        tell(reply, limit, count, resetSeconds);
        if (count > limit) throw tooMany(limit, resetSeconds);
      } catch (error) {
        // When requests cannot be counted, they are served: the limit must not block access to credentials.
        if (!(error instanceof EphemeralStoreUnavailable)) throw error;
        request.log.warn({ err: error }, NOT_COUNTED);
      }
    });
  });

function tell(reply: FastifyReply, limit: number, count: number, resetSeconds: number): void {
  reply.header('ratelimit-limit', limit);
  reply.header('ratelimit-remaining', Math.max(0, limit - count));
  reply.header('ratelimit-reset', resetSeconds);
}

const tooMany = (limit: number, resetSeconds: number) =>
  apiProblems.tooManyRequests(
    `This API key made more than ${limit} requests within a minute.`,
    Math.max(1, resetSeconds),
  );
