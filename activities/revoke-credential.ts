import { cancellationSignal } from '@temporalio/activity';
import type { JsonObject } from '../platform/json.ts';
import type { Secret } from '../platform/secret.ts';
import { newRecord, revokingKey } from '../stores/secrets/credential-record.ts';
import type { ConnectionActivities } from '../contracts/activities.ts';
import type { RevocationOutcome } from '../contracts/connection.ts';
import { authMethodOf, type ActivityDependencies } from './dependencies.ts';
import { notYet, withStoreErrors } from './failures.ts';
import { ProviderError } from '../providers/provider.ts';
import { pendingKey, withIssue } from './records.ts';
import { openIssue } from './sealed-reply.ts';

type Dependencies = Pick<ActivityDependencies, 'secrets' | 'providers' | 'keyRing'>;

/** Revokes everything the connection holds: the credential, what was pending, and a reply that was never stored. */
export function createRevokeCredential(deps: Dependencies): ConnectionActivities['revokeCredential'] {
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
        // A refusal is final for this record; everything else is worth days of tries.
        if (error.class === 'user') outcomes.push({ outcome: 'failed', problem: error.problem });
        else if (error.class !== 'revoked') throw notYet(error.problem, error.retryAfterSeconds);
      }
    }
    return combine(outcomes);
  };
}

async function recordsOf({ secrets }: Dependencies, id: string): Promise<Secret<JsonObject>[]> {
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
