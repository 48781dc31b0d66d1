import { Secret } from '../platform/secret.ts';
import type { JsonObject } from '../platform/json.ts';
import type { ConnectionActivities } from '../workflows/contracts/activities.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { releaseClaim } from './claims.ts';
import { storing } from './failures.ts';
import { factsOf, pendingKey, readRecord } from './records.ts';

type Dependencies = Pick<ActivityDependencies, 'secrets' | 'clock'>;

/**
 * Moves a proven grant from `pending/` to `live/`. The write to `live/` comes first and is recognised by its attempt
 * id, so that a try that was killed between the two is simply done again.
 */
export function createPromoteGrant({ secrets, clock }: Dependencies): ConnectionActivities['promoteGrant'] {
  return ({ connection, pendingRef }) =>
    storing(async () => {
      const key = pendingKey(connection.id, pendingRef);
      const attemptId = `promotion/${pendingRef}`;
      const live = await readRecord(secrets, 'live', connection.id);
      const promoted = live?.record.reveal();
      if (promoted?.mooring.attempt_id === attemptId) {
        await secrets.destroy('pending', key);
        return factsOf(promoted, clock);
      }
      const pending = await readRecord(secrets, 'pending', key);
      if (!pending) throw new Error('The grant to promote is neither pending nor live.');
      const record = pending.record.reveal();
      const generation = (promoted?.mooring.generation ?? 0) + 1;
      const next = { ...record, mooring: { ...record.mooring, attempt_id: attemptId, generation } };
      // Before the write: once that is done, nobody knows any more what the credential before stood on.
      const given = promoted?.mooring.claim;
      if (given && given !== record.mooring.claim) await releaseClaim(secrets, connection, given);
      await secrets.write('live', connection.id, new Secret<JsonObject>(next), { cas: live?.version ?? 0 });
      await secrets.destroy('pending', key);
      return factsOf(next, clock);
    });
}
