import { cancellationSignal } from '@temporalio/activity';
import type { JsonObject } from '../platform/json.ts';
import { Secret } from '../platform/secret.ts';
import type { ConnectionActivities } from '../workflows/contracts/activities.ts';
import { problems } from '../workflows/contracts/problem.ts';
import { authMethodOf, type ActivityDependencies } from './dependencies.ts';
import { notYet, storing } from './failures.ts';
import { ProviderError } from './providers/provider.ts';
import { readRecord } from './records.ts';

type Dependencies = Pick<ActivityDependencies, 'secrets' | 'providers'>;

/** Asks the cloud whether the live credential works, and whose it is. Stores nothing. */
export function createVerifyCredential({ secrets, providers }: Dependencies): ConnectionActivities['verifyCredential'] {
  return async ({ connection }) => {
    const signal = cancellationSignal();
    const stored = await storing(() => readRecord(secrets, 'live', connection.id));
    if (!stored) return { outcome: 'refused', problem: problems.credentialMissing };
    try {
      const record = new Secret<JsonObject>(stored.record.reveal());
      const context = { region: connection.region, connectionId: connection.id, record, signal };
      const { account, warnings } = await authMethodOf({ providers }, connection).prove(context);
      return { outcome: 'proven', account, warnings };
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      if (error.class === 'user' || error.class === 'revoked') return { outcome: 'refused', problem: error.problem };
      throw notYet(error.problem, error.retryAfterSeconds);
    }
  };
}
