import type { ActivityInboundCallsInterceptor, ActivityInterceptors } from '@temporalio/worker';
import type { Context } from '@temporalio/activity';
import { beat } from '../activities/heartbeat-details.ts';

const BEAT_MS = 3_000;

/**
 * Beats for every activity that has a heartbeat time-out: a killed worker's work is then taken up within it, and
 * cancellation, which arrives only through heartbeats, reaches the activity.
 */
export function heartbeat(context: Context): ActivityInterceptors {
  const inbound: ActivityInboundCallsInterceptor = {
    async execute(input, next) {
      if (context.info.heartbeatTimeoutMs === undefined) return await next(input);
      const timer = setInterval(() => beat(context), BEAT_MS);
      try {
        return await next(input);
      } finally {
        clearInterval(timer);
      }
    },
  };
  return { inbound };
}
