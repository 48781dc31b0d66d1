import { newRecord } from '../stores/secrets/credential-record.ts';
import type { ConnectionActivities } from '../workflows/contracts/activities.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { storing } from './failures.ts';
import { pendingKey, withIssue } from './records.ts';
import { storeReply } from './refresh/store-reply.ts';
import { openIssue } from './sealed-reply.ts';

type Dependencies = Pick<ActivityDependencies, 'secrets' | 'keyRing'>;

/** Puts a sealed reply where it belongs once the store answers again. Tried for days; idempotent by its attempt id. */
export function createStoreSealed({ secrets, keyRing }: Dependencies): ConnectionActivities['storeSealed'] {
  return ({ connection, sealed, pendingRef }) =>
    storing(async () => {
      const issue = openIssue(keyRing, connection.id, sealed);
      if (pendingRef === null) return { outcome: await storeReply(secrets, 'live', connection.id, issue, undefined) };
      const key = pendingKey(connection.id, pendingRef);
      if (!(await secrets.read('pending', key))) {
        await secrets.write('pending', key, withIssue(newRecord(connection), issue), { cas: 0 });
      }
      return { outcome: 'stored' };
    });
}
