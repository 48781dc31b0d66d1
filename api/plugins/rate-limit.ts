import type { FastifyReply } from 'fastify';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import { EphemeralStoreUnavailable, type EphemeralStore } from '../../stores/ephemeral/port.ts';
import type { App } from '../app-types.ts';
import { apiProblems } from '../problem.ts';

const WINDOW_SECONDS = 60;

/**
 * So many requests a minute for each API key, counted together by all processes. Runs behind the authentication; what is
 * public has limits of its own. Every answer says how much is left (draft-ietf-httpapi-ratelimit-headers-07).
 */
export function registerRateLimit(
  app: App,
  deps: { readonly ephemeral: EphemeralStore; readonly config: { readonly requestsPerMinute: number | null } },
): void {
  const { ephemeral, config } = deps;
  const { requestsPerMinute: limit } = config;
  if (limit === null) return;
  app.addHook('onRequest', async (request, reply) => {
    const { apiKey } = request;
    if (!apiKey) return;
    try {
      const bucket = ephemeralKeys.rateLimit(`requests:${apiKey.tenant}:${apiKey.id}`);
      const { count, resetSeconds } = await ephemeral.increment(bucket, WINDOW_SECONDS);
      tell(reply, limit, count, resetSeconds);
      if (count > limit) throw tooMany(limit, resetSeconds);
    } catch (error) {
      // A limit that can't be counted must not keep anybody from a credential that can be read.
      if (!(error instanceof EphemeralStoreUnavailable)) throw error;
      request.log.warn({ err: error }, 'A request could not be counted.');
    }
  });
}

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
