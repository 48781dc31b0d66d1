import { newRecord } from '../stores/secrets/credential-record.ts';
import type { ConnectionActivities } from '../contracts/activities.ts';
import { methodManifestOf, type ActivityDependencies } from './dependencies.ts';
import { withStoreErrors } from './failures.ts';
import { pendingKey, withIssue } from './records.ts';
import { projectAccess, storeReply } from './refresh/store-reply.ts';
import { openIssue, resealIssue } from './sealed-reply.ts';

type Dependencies = Pick<ActivityDependencies, 'secrets' | 'keyRing' | 'providers'>;

/** Puts a sealed reply where it belongs once the store answers again. Tried for days; idempotent by its attempt id. */
export function createStoreSealed(deps: Dependencies): ConnectionActivities['storeSealed'] {
  const { secrets, keyRing } = deps;
  return ({ connection, sealed, pendingRef }) =>
    withStoreErrors(async () => {
      const issue = openIssue(keyRing, connection.id, sealed);
      if (pendingRef === null) {
        const kept = await storeReply(secrets, connection, issue, undefined, newRecord(connection));
        if (kept.outcome === 'retired') return { outcome: 'superseded' };
        const leased = methodManifestOf(deps, connection)?.leased ?? [];
        await projectAccess(secrets, connection.id, kept.record.reveal(), leased);
        return { outcome: kept.outcome };
      }
      const key = pendingKey(connection.id, pendingRef);
      if (!(await secrets.read('pending', key))) {
        await secrets.write('pending', key, withIssue(newRecord(connection), issue), { cas: 0 });
      }
      return { outcome: 'stored' };
    });
}

/** A reply may wait for days in a workflow's state, which is sealed anew each day; so must the reply in it be. */
export const createResealReply =
  ({ keyRing }: Pick<ActivityDependencies, 'keyRing'>): ConnectionActivities['resealReply'] =>
  async ({ connection, sealed }) =>
    resealIssue(keyRing, connection.id, sealed);
