import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import { SecretStoreConflict, SecretStoreUnavailable } from '../../stores/secrets/port.ts';
import type { RefreshInput, RefreshOutcome } from '../../workflows/contracts/activities.ts';
import { problems } from '../../workflows/contracts/problem.ts';
import { authMethodOf, methodManifestOf, type ActivityDependencies } from '../dependencies.ts';
import { startDeadline } from '../providers/deadline.ts';
import { ProviderError, type IssuedCredential } from '../providers/provider.ts';
import { factsOf, readRecord, unixSeconds, withIssue, withMarker, type Issue, type StoredRecord } from '../records.ts';
import { sealIssue } from '../sealed-reply.ts';
import { storeReply } from './store-reply.ts';

/** A marker this old belongs to an execution whose request has ended, one way or the other. */
const HTTP_DEADLINE_MS = 6_000;
const STORE_DEADLINE_MS = 2_000;
/** All of it fits in the activity's 9 s: what is ambiguous must come back as a result, not as a time-out. */
const BUDGET_MS = 8_700;
const SHORTEST_CALL_MS = 3_000;

type Dependencies = Pick<ActivityDependencies, 'secrets' | 'providers' | 'keyRing' | 'clock' | 'newId'>;

interface Spending {
  readonly stored: StoredRecord;
  /** True when the token may have been spent before, its answer lost. */
  readonly replay: boolean;
}

/**
 * Renews a connection's credential so that nothing a cloud gave once is lost, however this process ends:
 *
 * 1. read; a newer generation than expected means somebody has done it: spend nothing
 * 2. mark `spending` with check-and-set, where refresh tokens rotate; this proves that the store can be written.
 *    A marker that was there belongs to another execution, even under our own attempt id (a killed local activity is
 *    run again with the same arguments): young = it may be spending at this moment; old = replay, once
 * 3. call the cloud (RFC 6749, 6)
 * 4. store the reply with check-and-set; if the store does not answer, return the reply sealed
 * 5. refused on a replay = the first answer is lost for good; refused otherwise = revoked
 */
export async function refreshProtocol(deps: Dependencies, input: RefreshInput): Promise<RefreshOutcome> {
  const startedAt = performance.now();
  const { id } = input.connection;
  try {
    const stored = await readRecord(deps.secrets, 'live', id);
    if (!stored) return { outcome: 'refused', problem: problems.credentialMissing };
    const record = stored.record.reveal();
    if (record.mooring.generation > input.expectedGeneration) {
      return { outcome: 'already_fresh', facts: factsOf(record, deps.clock) };
    }
    const rotates = methodManifestOf(deps, input.connection)?.rotatesRefreshTokens;
    const spending = rotates ? await mark(deps, input, stored) : { stored, replay: false };
    if ('outcome' in spending) return spending;
    const left = BUDGET_MS - STORE_DEADLINE_MS - (performance.now() - startedAt);
    if (left < SHORTEST_CALL_MS) return await storeTooSlow(deps, id, spending);
    return await spend(deps, input, spending, left);
  } catch (error) {
    if (error instanceof SecretStoreUnavailable) return storeUnavailable;
    if (error instanceof SecretStoreConflict) return { outcome: 'busy', retryInSeconds: 1 };
    throw error;
  }
}

async function mark(deps: Dependencies, input: RefreshInput, stored: StoredRecord): Promise<Spending | RefreshOutcome> {
  const record = stored.record.reveal();
  const found = record.mooring.spending;
  const age = found ? deps.clock.now() - found.started_at_ms : 0;
  if (found && age < HTTP_DEADLINE_MS) {
    return { outcome: 'busy', retryInSeconds: Math.ceil((HTTP_DEADLINE_MS - age) / 1000) };
  }
  const marked = withMarker(record, {
    attempt_id: input.attemptId,
    execution_id: deps.newId(),
    started_at_ms: deps.clock.now(),
    replay: found !== null,
  });
  const version = await deps.secrets.write('live', input.connection.id, marked, { cas: stored.version });
  return { stored: { version, record: new Secret(marked.reveal() as typeof record) }, replay: found !== null };
}

async function spend(
  deps: Dependencies,
  input: RefreshInput,
  spending: Spending,
  budgetMs: number,
): Promise<RefreshOutcome> {
  const { connection } = input;
  const deadline = startDeadline(budgetMs);
  let issued: IssuedCredential;
  try {
    const record = new Secret<JsonObject>(spending.stored.record.reveal());
    issued = await authMethodOf(deps, connection).refresh({
      region: connection.region,
      connectionId: connection.id,
      record,
      signal: deadline.signal,
    });
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return await notIssued(deps, connection.id, spending, error);
  } finally {
    deadline.cancel();
  }
  const record = spending.stored.record.reveal();
  const issue: Issue = {
    issued,
    attemptId: input.attemptId,
    generation: record.mooring.generation + 1,
    issuedAt: unixSeconds(deps.clock),
  };
  const facts = factsOf(withIssue(record, issue).reveal() as typeof record, deps.clock);
  try {
    const outcome = await storeReply(deps.secrets, 'live', connection.id, issue, spending.stored);
    if (outcome === 'stored') {
      const { warnings } = issued;
      return { outcome: 'refreshed', facts, replayed: spending.replay, warnings };
    }
    const newer = await readRecord(deps.secrets, 'live', connection.id);
    if (!newer) return { outcome: 'refused', problem: problems.credentialMissing };
    return { outcome: 'already_fresh', facts: factsOf(newer.record.reveal(), deps.clock) };
  } catch (error) {
    if (!(error instanceof SecretStoreUnavailable || error instanceof SecretStoreConflict)) throw error;
    return { outcome: 'sealed', sealed: sealIssue(deps.keyRing, connection.id, issue), facts };
  }
}

async function notIssued(
  deps: Dependencies,
  id: string,
  spending: Spending,
  { class: kind, problem, delivery, retryAfterSeconds }: ProviderError,
): Promise<RefreshOutcome> {
  // Surely unspent: without the marker, a later refusal is not taken for a lost answer. An earlier execution's doubt
  // stays: its token may be spent all the same.
  if (delivery !== 'unknown' && !spending.replay) await unmark(deps, id, spending);
  switch (kind) {
    case 'transient':
      return { outcome: 'unavailable', problem, retryAfterSeconds };
    case 'config':
      return { outcome: 'misconfigured', problem };
    case 'user':
    case 'revoked':
      return { outcome: 'refused', problem: spending.replay ? problems.rotationResponseLost : problem };
  }
}

async function storeTooSlow(deps: Dependencies, id: string, spending: Spending): Promise<RefreshOutcome> {
  if (!spending.replay) await unmark(deps, id, spending);
  return storeUnavailable;
}

/** Best effort: a marker that stays costs a later refusal its exact name, never a token. */
async function unmark(deps: Dependencies, id: string, { stored }: Spending): Promise<void> {
  const record = stored.record.reveal();
  if (record.mooring.spending === null) return;
  try {
    await deps.secrets.write('live', id, withMarker(record, null), { cas: stored.version });
  } catch (error) {
    if (!(error instanceof SecretStoreUnavailable || error instanceof SecretStoreConflict)) throw error;
  }
}

const storeUnavailable: RefreshOutcome = {
  outcome: 'unavailable',
  problem: problems.storeUnavailable,
  retryAfterSeconds: null,
};
