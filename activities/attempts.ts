import { Context } from '@temporalio/activity';

import type { CloudCall, AttemptStep } from '../contracts/attempts.ts';
import type { ConnectionRef } from '../contracts/connection.ts';
import { iso } from '../contracts/time.ts';
import { watchCalls, type CallWatch } from '../providers/http/call-watch.ts';
import { createAttempts } from '../stores/attempts.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** Of one run of an activity: a list of projects has hundreds of pages, and what fails may fail again and again. */
const MOST_GOOD = 10;
const MOST_FAILED = 20;

/** What calls are named in a step where nothing says more exactly what they are. */
const operations: Readonly<Record<AttemptStep, string>> = {
  exchange: 'token.exchange',
  proof: 'account.read',
  renewal: 'token.refresh',
  verify: 'account.read',
  revoke: 'token.revoke',
  discovery: 'resources.list',
};

type Recorded = <I extends { readonly connection: ConnectionRef }, O>(
  step: AttemptStep,
  activity: (input: I) => Promise<O>,
  isOrdinary?: (input: I) => boolean,
) => (input: I) => Promise<O>;

/**
 * Keeps the calls that an activity makes to its connection's cloud, for people who look for the cause of a failure. Good
 * calls of ordinary work are not kept: 10,000 connections renew every hour, their facts tell of it, and a write for each
 * would cost all of them. Nothing waits for a write, and one that fails is lost: no renewal depends on it.
 */
export function createAttemptRecorder(deps: Pick<ActivityDependencies, 'ephemeral' | 'clock' | 'logger'>): Recorded {
  const attempts = createAttempts(deps.ephemeral);

  const keep = (id: string, call: CloudCall, step: AttemptStep, attempt: number): void => {
    const at = iso(deps.clock.now() - call.durationMs);
    attempts.add(id, { ...call, at, step, attempt }).catch((error: unknown) => {
      deps.logger.debug({ err: error, connection: id }, 'A call to the cloud could not be recorded.');
    });
  };

  const watchOf = (id: string, step: AttemptStep, wantsGood: boolean): CallWatch => {
    const { attempt } = Context.current().info;
    const seen = new Set<string>();
    let good = 0;
    let failed = 0;
    return {
      step,
      operation: operations[step],
      wantsGood,
      report(call, at) {
        if (call.outcome === 'ok') {
          if ((good += 1) > MOST_GOOD) return;
        } else {
          // The same answer for each of hundreds of projects is kept once.
          const { operation, host, outcome, status, cloudCode } = call;
          const same = JSON.stringify([operation, host, outcome, status, cloudCode]);
          if (at === 'discovery' && seen.has(same)) return;
          seen.add(same);
          if ((failed += 1) > MOST_FAILED) return;
        }
        keep(id, call, at, attempt);
      },
    };
  };

  return (step, activity, isOrdinary) => async (input) => {
    const wantsGood = !(isOrdinary?.(input) ?? false);
    return await watchCalls(watchOf(input.connection.id, step, wantsGood), async () => await activity(input));
  };
}
