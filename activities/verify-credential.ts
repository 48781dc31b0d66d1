import { cancellationSignal } from '@temporalio/activity';
import { liveKeys } from '../stores/secrets/credential-record.ts';
import type { ConnectionActivities } from '../contracts/activities.ts';
import { proveAccount } from './prove-account.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { withStoreErrors } from './failures.ts';
import { recordOrProblem } from './records.ts';

type Dependencies = Pick<ActivityDependencies, 'secrets' | 'providers'>;

/** Asks the cloud whether the live credential works, and whose it is. */
export function createVerifyCredential(deps: Dependencies): ConnectionActivities['verifyCredential'] {
  return async ({ connection }) => {
    const signal = cancellationSignal();
    const read = await withStoreErrors(() => recordOrProblem(deps.secrets, 'live', liveKeys.renewal(connection.id)));
    if ('problem' in read) return { outcome: 'refused', problem: read.problem };
    return await proveAccount(deps, connection, read.stored, signal);
  };
}
