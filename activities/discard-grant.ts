import { cancellationSignal, Context } from '@temporalio/activity';

import { liveKeys } from '../stores/secrets/credential-record.ts';
import type { ConnectionActivities } from '../contracts/activities.ts';
import { ProviderError } from '../providers/provider.ts';
import { releaseUnlessLive } from './claims.ts';
import { authMethodOf, methodManifestOf, type ActivityDependencies } from './dependencies.ts';
import { cloudNotYet, withStoreErrors } from './failures.ts';
import { isUnreadable, pendingKey, recordOrProblem } from './records.ts';

type Dependencies = Pick<ActivityDependencies, 'secrets' | 'clock' | 'providers' | 'logger'>;

/** Attempts over about a quarter of an hour. The grant was never used, so a longer wait is not worth it. */
const REVOCATION_TRIES = 20;

/**
 * Revokes and drops a grant that is not wanted. Its record is destroyed even if the cloud could not revoke the grant.
 * Submitted values belong to the customer, who may use the same keys elsewhere: they are deleted here and not revoked.
 */
export function createDiscardGrant(deps: Dependencies): ConnectionActivities['discardGrant'] {
  return async ({ connection, pendingRef }) => {
    const signal = cancellationSignal();
    const { attempt } = Context.current().info;
    const key = pendingKey(connection.id, pendingRef);
    const read = await withStoreErrors(() => recordOrProblem(deps.secrets, 'pending', key));
    if ('problem' in read) {
      // Deleted, or unreadable and so impossible to revoke. A claim that it took stays until the connection ends.
      if (isUnreadable(read)) {
        deps.logger.warn({ connection: connection.id, problem: read.problem }, 'An unreadable grant was dropped.');
        await withStoreErrors(() => deps.secrets.destroy('pending', key));
      }
      return;
    }
    const { stored } = read;
    const drop = async (): Promise<void> =>
      await withStoreErrors(async () => {
        await releaseUnlessLive(deps.secrets, connection, stored.record.reveal().mooring.claim);
        await deps.secrets.destroy('pending', key);
      });
    if (methodManifestOf(deps, connection)?.flow !== 'redirect') return await drop();
    // After an interrupted promotion this is a copy of the grant in use: revoking it would revoke the live credential.
    const live = await withStoreErrors(() => recordOrProblem(deps.secrets, 'live', liveKeys.renewal(connection.id)));
    if ('stored' in live && live.stored.record.reveal().mooring.grant === pendingRef) return await drop();
    try {
      await authMethodOf(deps, connection).revoke({
        region: connection.region,
        connectionId: connection.id,
        record: stored.record,
        signal,
      });
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      if (error.class === 'transient' && attempt < REVOCATION_TRIES) throw cloudNotYet(error, deps.clock.now());
      deps.logger.warn(
        { connection: connection.id, problem: error.problem },
        'An unwanted grant was dropped without being revoked at the cloud.',
      );
    }
    await drop();
  };
}
