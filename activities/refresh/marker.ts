import { Secret } from '../../platform/secret.ts';
import { factsOf, liveKeys, type CredentialRecord } from '../../stores/secrets/credential-record.ts';
import { SecretStoreConflict, SecretStoreUnavailable } from '../../stores/secrets/port.ts';
import { problems } from '../../contracts/problem.ts';
import { CALL_DEADLINE_MS } from '../../providers/http/http.ts';
import { withMarker, type StoredRecord } from '../records.ts';
import type { Attempt, AttemptOutcome, RefreshDependencies, Spending } from './attempt.ts';

/**
 * Marks the record as being spent. A marker that is there already belongs to another attempt: young, it may be spending
 * at this moment; old, its reply may be lost, and the refresh is repeated once.
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
  // Refused 6 s ago or longer, and still no reply was stored: the attempt before, if it lives, has none to store.
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
 * A replay was refused. An attempt that was frozen past its time-out may hold the reply of the first spending and be
 * about to store it: the refusal is noted in the marker, and believed by the next attempt that finds no newer record.
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

/** Counts a refusal in the record, where the next attempt finds it. Best effort: one that is not counted is asked again. */
export async function countRefusal(deps: RefreshDependencies, id: string, { stored }: Spending): Promise<number> {
  const record = stored.record.reveal();
  const refusals = record.mooring.refusals + 1;
  const counted = new Secret<CredentialRecord>({ ...record, mooring: { ...record.mooring, refusals } });
  await write(deps, id, counted, stored.version);
  return refusals;
}

/** Best effort: a marker that stays costs a later refusal its exact name, never a token. */
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
