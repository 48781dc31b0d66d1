import { cancellationSignal } from '@temporalio/activity';
import type { ConnectionActivities } from '../workflows/contracts/activities.ts';
import { problems } from '../workflows/contracts/problem.ts';
import { askWhose } from './ask-whose.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { storing } from './failures.ts';
import { readRenewal } from './records.ts';

type Dependencies = Pick<ActivityDependencies, 'secrets' | 'providers'>;

/** Asks the cloud whether the live credential works, and whose it is. */
export function createVerifyCredential(deps: Dependencies): ConnectionActivities['verifyCredential'] {
  return async ({ connection }) => {
    const signal = cancellationSignal();
    const stored = await storing(() => readRenewal(deps.secrets, connection.id));
    if (!stored) return { outcome: 'refused', problem: problems.credentialMissing };
    return await askWhose(deps, connection, stored, signal);
  };
}
