import { Secret } from '../../platform/secret.ts';
import { factsOf, liveKeys, type CredentialRecord } from '../../stores/secrets/credential-record.ts';
import { SecretStoreConflict, SecretStoreUnavailable } from '../../stores/secrets/port.ts';
import { problems } from '../../contracts/problem.ts';
import { CALL_DEADLINE_MS } from '../../providers/http/http.ts';
import { withMarker, type StoredRecord } from '../records.ts';
import type { Attempt, AttemptOutcome, RefreshDependencies, Spending } from './attempt.ts';

/**
 * Marks the record as being spent. An existing marker belongs to another attempt. If it is young, that attempt may be
 * in flight; if it is old, its reply may be lost, and the refresh is repeated once.
 */
export async function mark(
  deps: RefreshDependencies,
  { connection, attemptId }: Attempt,
  stored: StoredRecord,
): Promise<Spending | AttemptOutcome> {
  const record = stored.record.reveal();
  const found = record.mooring.spending;
  const age = found ? deps.clock.now() - found.started_at_ms : 0;
  if (found && age < CALL_DEADLINE_MS) {
    const retryInSeconds = Math.max(Math.ceil((CALL_DEADLINE_MS - age) / 1000), 1);
    return { outcome: 'busy', retryInSeconds, facts: factsOf(record) };
  }
  // The replay was refused at least 6 s ago, and no reply was stored since: no earlier attempt has one to store.
  if (found?.replay_refused) return { outcome: 'refused', problem: problems.rotationResponseLost };
  const marked = withMarker(record, {
    attempt_id: attemptId,
    started_at_ms: deps.clock.now(),
    replay: found !== null,
    replay_refused: false,
  });
  const version = await deps.secrets.write('live', liveKeys.renewal(connection.id), marked, { cas: stored.version });
  return { stored: { version, record: marked }, replay: found !== null };
}

/**
 * A replay was refused. An attempt that was frozen past its timeout may still hold the reply of the first spending and
 * store it. So the refusal is only noted in the marker, and the next attempt believes it if it finds no newer record.
 */
export async function doubtReplay(
  deps: RefreshDependencies,
  id: string,
  { stored }: Spending,
): Promise<AttemptOutcome> {
  const record = stored.record.reveal();
  const { spending } = record.mooring;
  if (spending) {
    const noted = { ...spending, started_at_ms: deps.clock.now(), replay_refused: true };
    await write(deps, id, withMarker(record, noted), stored.version);
  }
  return { outcome: 'busy', retryInSeconds: CALL_DEADLINE_MS / 1000, facts: factsOf(record) };
}

/** Counts a refusal in the record. Best effort: if the count is not stored, the cloud is asked once more. */
export async function countRefusal(deps: RefreshDependencies, id: string, { stored }: Spending): Promise<number> {
  const record = stored.record.reveal();
  const refusals = record.mooring.refusals + 1;
  const counted = new Secret<CredentialRecord>({ ...record, mooring: { ...record.mooring, refusals } });
  await write(deps, id, counted, stored.version);
  return refusals;
}

/** Best effort: a marker that stays can make a later refusal look like a lost reply, but it loses no token. */
export async function unmark(deps: RefreshDependencies, id: string, { stored }: Spending): Promise<void> {
  const record = stored.record.reveal();
  if (record.mooring.spending === null) return;
  await write(deps, id, withMarker(record, null), stored.version);
}

async function write(
  deps: RefreshDependencies,
  id: string,
  record: Secret<CredentialRecord>,
  cas: number,
): Promise<void> {
  try {
    await deps.secrets.write('live', liveKeys.renewal(id), record, { cas });
  } catch (error) {
    if (!(error instanceof SecretStoreUnavailable || error instanceof SecretStoreConflict)) throw error;
  }
}
