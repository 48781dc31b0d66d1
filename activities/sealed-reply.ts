import type { JsonObject } from '../platform/json.ts';
import type { KeyRing } from '../platform/key-ring.ts';
import { Secret } from '../platform/secret.ts';
import { newRecord } from '../stores/secrets/credential-record.ts';
import type { ConnectionActivities, SealedReply } from '../contracts/activities.ts';
import { methodManifestOf, type ActivityDependencies } from './dependencies.ts';
import { withStoreErrors } from './failures.ts';
import { pendingKey, withIssue, type Issue } from './records.ts';
import { projectAccess, storeReply } from './refresh/store-reply.ts';

interface Envelope {
  readonly fields: JsonObject;
  readonly ttlSeconds: number | null;
  readonly renewable: boolean;
  readonly scopes: readonly string[];
  /** Unix milliseconds. */
  readonly issuedAtMs: number;
  readonly nextRefreshAtMs: number | null;
}

/** A cloud's reply as it may pass through a workflow: sealed under the key ring, bound to its connection. */
export function sealIssue(keyRing: KeyRing, connectionId: string, issue: Issue): SealedReply {
  const { ttlSeconds, renewable, scopes, fields } = issue.issued;
  const { issuedAtMs, nextRefreshAtMs } = issue;
  const envelope: Envelope = { fields: fields.reveal(), ttlSeconds, renewable, scopes, issuedAtMs, nextRefreshAtMs };
  return {
    envelope: keyRing.seal('envelope', JSON.stringify(envelope), connectionId),
    attemptId: issue.attemptId,
    generation: issue.generation,
  };
}

export function openIssue(keyRing: KeyRing, connectionId: string, sealed: SealedReply): Issue {
  const opened = keyRing.open('envelope', sealed.envelope, connectionId).toString();
  const { fields, ttlSeconds, renewable, scopes, issuedAtMs, nextRefreshAtMs } = JSON.parse(opened) as Envelope;
  return {
    issued: { fields: new Secret(fields), ttlSeconds, renewable, scopes },
    attemptId: sealed.attemptId,
    generation: sealed.generation,
    issuedAtMs,
    nextRefreshAtMs,
  };
}

/** The same reply under the current key, so that a key that is being retired is no longer needed for it. */
function resealIssue(keyRing: KeyRing, connectionId: string, sealed: SealedReply): SealedReply {
  return {
    ...sealed,
    envelope: keyRing.seal('envelope', keyRing.open('envelope', sealed.envelope, connectionId), connectionId),
  };
}

/** Stores a sealed reply once the store answers again. Retried for days; idempotent by its attempt id. */
export function createStoreSealed(
  deps: Pick<ActivityDependencies, 'secrets' | 'keyRing' | 'providers'>,
): ConnectionActivities['storeSealed'] {
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

/** A workflow's state is sealed again each day. A reply may wait in it for days, so it must be sealed again too. */
export const createResealReply =
  ({ keyRing }: Pick<ActivityDependencies, 'keyRing'>): ConnectionActivities['resealReply'] =>
  async ({ connection, sealed }) =>
    resealIssue(keyRing, connection.id, sealed);
