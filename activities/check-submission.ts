import { cancellationSignal } from '@temporalio/activity';
import type { ValidationActivities } from '../contracts/validation.ts';
import { proveAccount } from './prove-account.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { withStoreErrors } from './failures.ts';
import { pendingKey, recordOrProblem } from './records.ts';

type Dependencies = Pick<ActivityDependencies, 'secrets' | 'providers'>;

/** Asks the cloud whether submitted values work as they stand, and whose they are. */
export function createCheckSubmission(deps: Dependencies): ValidationActivities['checkSubmission'] {
  return async ({ connection, pendingRef }) => {
    const signal = cancellationSignal();
    const key = pendingKey(connection.id, pendingRef);
    const read = await withStoreErrors(() => recordOrProblem(deps.secrets, 'pending', key));
    if ('problem' in read) return { outcome: 'refused', problem: read.problem };
    return await proveAccount(deps, connection, read.stored, signal);
  };
}
