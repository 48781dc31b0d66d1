import { cancellationSignal } from '@temporalio/activity';

import type { JsonObject } from '../platform/json.ts';
import { Secret } from '../platform/secret.ts';
import { isCredentialRecord, liveKeys, newRecord, revokingKey } from '../stores/secrets/credential-record.ts';
import { SecretStoreConflict } from '../stores/secrets/port.ts';
import type { ConnectionActivities } from '../contracts/activities.ts';
import type { RevocationOutcome } from '../contracts/connection.ts';
import { ProviderError } from '../providers/provider.ts';
import { releaseClaim } from './claims.ts';
import { authMethodOf, type ActivityDependencies } from './dependencies.ts';
import { cloudNotYet, withStoreErrors } from './failures.ts';
import { pendingKey, withIssue } from './records.ts';
import { openIssue } from './sealed-reply.ts';

/**
 * Moves `live/` to `revoking/`. The copy is written first: a worker that is killed in between leaves two records, never
 * none. The live record is read once more before it is destroyed, because an attempt that was frozen past its timeout
 * may have stored a reply meanwhile.
 */
export function createRetireCredential({
  secrets,
}: Pick<ActivityDependencies, 'secrets'>): ConnectionActivities['retireCredential'] {
  return ({ connection: { id } }) =>
    withStoreErrors(async () => {
      let copied: number | undefined;
      const copy = async (): Promise<void> => {
        const renewal = await secrets.read('live', liveKeys.renewal(id));
        if (!renewal || renewal.version === copied) return;
        await secrets.write('revoking', revokingKey(id), renewal.data);
        copied = renewal.version;
      };
      await copy();
      await secrets.destroy('live', liveKeys.access(id));
      await copy();
      for (const key of [liveKeys.renewal(id), liveKeys.about(id)]) await secrets.destroy('live', key);
    });
}

/** Revokes everything the connection holds: the credential, what was pending, and a reply that was never stored. */
export function createRevokeCredential(
  deps: Pick<ActivityDependencies, 'secrets' | 'providers' | 'keyRing' | 'clock'>,
): ConnectionActivities['revokeCredential'] {
  return async ({ connection, sealed }) => {
    const signal = cancellationSignal();
    const records = await withStoreErrors(() => recordsOf(deps, connection.id));
    if (sealed) records.push(withIssue(newRecord(connection), openIssue(deps.keyRing, connection.id, sealed)));
    if (records.length === 0) return { outcome: 'nothing_to_revoke' };
    const method = authMethodOf(deps, connection);
    const outcomes: RevocationOutcome[] = [];
    for (const record of records) {
      try {
        outcomes.push(await method.revoke({ region: connection.region, connectionId: connection.id, record, signal }));
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        // A refusal is final for this record; any other error is retried for days.
        if (error.class === 'user') outcomes.push({ outcome: 'failed', problem: error.problem });
        else if (error.class !== 'revoked') throw cloudNotYet(error, deps.clock.now());
      }
    }
    return combine(outcomes);
  };
}

async function recordsOf(
  { secrets }: Pick<ActivityDependencies, 'secrets'>,
  id: string,
): Promise<Secret<JsonObject>[]> {
  const pending = await secrets.list('pending', `${id}/`);
  const revoking = await secrets.list('revoking', `${id}/`);
  const stored = await Promise.all([
    ...revoking.map((name) => secrets.read('revoking', revokingKey(id, name))),
    ...pending.map((ref) => secrets.read('pending', pendingKey(id, ref))),
  ]);
  return stored.filter((secret) => secret !== undefined).map(({ data }) => data);
}

function combine(outcomes: readonly RevocationOutcome[]): RevocationOutcome {
  const revoked = outcomes.flatMap((outcome) => (outcome.outcome === 'revoked' ? outcome.revoked : []));
  const worst =
    outcomes.find(({ outcome }) => outcome === 'failed') ?? outcomes.find(({ outcome }) => outcome === 'unsupported');
  if (worst) return worst;
  return revoked.length > 0 ? { outcome: 'revoked', revoked: [...new Set(revoked)] } : { outcome: 'nothing_to_revoke' };
}

/** Destroys every version of every secret of a connection, and releases its claims. */
export function createDestroySecrets({
  secrets,
}: Pick<ActivityDependencies, 'secrets'>): ConnectionActivities['destroySecrets'] {
  return ({ connection }) =>
    withStoreErrors(async () => {
      const { id } = connection;
      const destroy = async (gate: 'pending' | 'revoking' | 'live', key: string): Promise<void> => {
        const document = (await secrets.read(gate, key))?.data.reveal();
        const claim = isCredentialRecord(document) ? document.mooring.claim : null;
        if (claim !== null) await releaseClaim(secrets, connection, claim);
        await secrets.destroy(gate, key);
      };
      for (const ref of await secrets.list('pending', `${id}/`)) await destroy('pending', pendingKey(id, ref));
      for (const name of await secrets.list('revoking', `${id}/`)) await destroy('revoking', revokingKey(id, name));
      for (const key of [liveKeys.access(id), liveKeys.renewal(id), liveKeys.about(id)]) await destroy('live', key);
    });
}

/** Keeps how and when the connection ended. Never deleted, written once. */
export function createWriteTombstone({
  secrets,
}: Pick<ActivityDependencies, 'secrets'>): ConnectionActivities['writeTombstone'] {
  return ({ tombstone }) =>
    withStoreErrors(async () => {
      try {
        const data = new Secret(tombstone as unknown as JsonObject);
        await secrets.write('tombstones', tombstone.connection.id, data, { cas: 0 });
      } catch (error) {
        // An earlier attempt has written it, and its response was lost.
        if (!(error instanceof SecretStoreConflict)) throw error;
      }
    });
}
