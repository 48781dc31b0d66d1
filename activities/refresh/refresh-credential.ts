import { ApplicationFailure } from '@temporalio/common';

import { gateKey } from '../../stores/provider-states.ts';
import { failureTypes, type ConnectionActivities } from '../../contracts/activities.ts';
import { problems } from '../../contracts/problem.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { notYet } from '../failures.ts';
import { DOUBT_SECONDS } from './decide-upkeep.ts';
import { publishFacts } from './keep-fresh.ts';
import type { RefreshProtocol } from './protocol.ts';

/** One attempt of the refresh protocol, for a caller who waits. Retried only while another attempt is in flight. */
export function createRefreshCredential(
  deps: ActivityDependencies,
  refresh: RefreshProtocol,
): ConnectionActivities['refreshCredential'] {
  return async ({ connection, askedAtMs, requestId, minTtlSeconds }) => {
    const outcome = await refresh(connection, { when: 'asked', askedAtMs, requestId, minTtlSeconds });
    deps.observer.attempted(connection.provider, outcome.outcome, null);
    switch (outcome.outcome) {
      case 'refreshed': {
        await publishFacts(deps, connection, outcome.facts);
        const { dueAtMs: _due, isHandedOut: _isHandedOut, ...refreshed } = outcome;
        return refreshed;
      }
      case 'fresh':
        return { outcome: 'already_fresh', facts: outcome.facts };
      case 'busy':
        throw notYet(problems.refreshTimedOut, outcome.retryInSeconds);
      case 'unavailable': {
        const providerWide = (await deps.gate.state(gateKey(connection.provider, connection.region))) === 'open';
        const { problem, retryAfterSeconds } = outcome;
        return { outcome: 'unavailable', problem, retryAfterSeconds, providerWide };
      }
      case 'store_unavailable':
        return {
          outcome: 'unavailable',
          problem: problems.storeUnavailable,
          retryAfterSeconds: null,
          providerWide: true,
        };
      case 'doubted':
        // One refusal may be a mistake of the cloud's. Upkeep asks again, before a person is troubled.
        return {
          outcome: 'unavailable',
          problem: outcome.problem,
          retryAfterSeconds: DOUBT_SECONDS,
          providerWide: false,
        };
      case 'refused':
        return outcome;
      case 'sealed':
        return outcome;
      case 'held':
        throw ApplicationFailure.nonRetryable('Only upkeep is held.', failureTypes.notYet);
    }
  };
}
