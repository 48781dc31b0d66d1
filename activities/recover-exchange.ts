import type { ConnectionActivities } from '../contracts/activities.ts';
import { problems } from '../contracts/problem.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { withStoreErrors } from './failures.ts';
import { readAbout } from './reconcile/stored.ts';
import { inUse } from './promote-grant.ts';
import { pendingKey, recordOrProblem } from './records.ts';

type Dependencies = Pick<ActivityDependencies, 'secrets'>;

/**
 * A worker may die after it stored what a code was worth, or even put it to use, and before it answered. The code is
 * spent, but the grant is not lost: the workflow goes on with it where the attempt stopped.
 */
export function createRecoverExchange({ secrets }: Dependencies): ConnectionActivities['recoverExchange'] {
  return ({ connection, pendingRef }) =>
    withStoreErrors(async () => {
      const pending = await recordOrProblem(secrets, 'pending', pendingKey(connection.id, pendingRef));
      if ('stored' in pending) return { outcome: 'granted', warnings: [], proof: null, credential: null };
      const { record } = await inUse(secrets, connection.id);
      // Promotion writes whose account it is before it destroys the pending record.
      const about = record?.mooring.grant === pendingRef ? await readAbout(secrets, connection.id) : null;
      if (!about?.account) return { outcome: 'ambiguous', problem: problems.exchangeAmbiguous };
      const proof = { outcome: 'proven', account: about.account, warnings: [] } as const;
      return { outcome: 'granted', warnings: [], proof, credential: null };
    });
}
