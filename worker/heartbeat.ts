import type { ActivityInboundCallsInterceptor, ActivityInterceptors } from '@temporalio/worker';
import type { Context } from '@temporalio/activity';
import { beat } from '../activities/heartbeat-details.ts';

const BEAT_MS = 3_000;

/**
 * Sends heartbeats for every activity that has a heartbeat timeout. If the worker is killed, another one takes the work
 * up after that timeout; and cancellation reaches the activity, because it arrives only through heartbeats.
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
