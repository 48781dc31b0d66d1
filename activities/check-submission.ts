import { cancellationSignal } from '@temporalio/activity';
import { problems } from '../workflows/contracts/problem.ts';
import type { ValidationActivities } from '../workflows/contracts/validation.ts';
import { askWhose } from './ask-whose.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { storing } from './failures.ts';
import { pendingKey, readRecord } from './records.ts';

type Dependencies = Pick<ActivityDependencies, 'secrets' | 'providers'>;

/** Asks the cloud whether submitted values work as they stand, and whose they are. */
export function createCheckSubmission(deps: Dependencies): ValidationActivities['checkSubmission'] {
  return async ({ connection, pendingRef }) => {
    const signal = cancellationSignal();
    const stored = await storing(() => readRecord(deps.secrets, 'pending', pendingKey(connection.id, pendingRef)));
    if (!stored) return { outcome: 'refused', problem: problems.credentialMissing };
    return await askWhose(deps, connection, stored, signal);
  };
}
