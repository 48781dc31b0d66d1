import type { ActivityInboundCallsInterceptor, ActivityInterceptors } from '@temporalio/worker';
import type { Context } from '@temporalio/activity';

const BEAT_MS = 3_000;

/**
 * Beats for every regular activity while it runs: a killed worker's work is then taken up within the heartbeat
 * time-out, and cancellation, which arrives only through heartbeats, reaches it. Local activities have neither.
 */
export function heartbeat(context: Context): ActivityInterceptors {
  const inbound: ActivityInboundCallsInterceptor = {
    async execute(input, next) {
      if (context.info.isLocal) return await next(input);
      const timer = setInterval(() => context.heartbeat(), BEAT_MS);
      try {
        return await next(input);
      } finally {
        clearInterval(timer);
      }
    },
  };
  return { inbound };
}
