import { gateKey } from '../../stores/provider-states.ts';
import { factsOf, type CredentialRecord } from '../../stores/secrets/credential-record.ts';
import { SecretStoreConflict, SecretStoreUnavailable } from '../../stores/secrets/port.ts';
import type { ConnectionRef, CredentialFacts } from '../../contracts/connection.ts';
import { problems } from '../../contracts/problem.ts';
import { createTurns } from '../../platform/turns.ts';
import { CALL_DEADLINE_MS } from '../../providers/http/http.ts';
import { methodManifestOf } from '../dependencies.ts';
import { readRenewal, remainingMs, UnreadableRecord } from '../records.ts';
import {
  BUDGET_MS,
  STORE_DEADLINE_MS,
  type Attempt,
  type AttemptOutcome,
  type RefreshDependencies,
  type Wanted,
} from './attempt.ts';
import { mark, unmark } from './marker.ts';
import { spend } from './spend.ts';
import { createKnownVersions, projectAccess } from './store-reply.ts';

const SHORTEST_CALL_MS = 3_000;
/**
 * When a cloud goes down, all its due connections come at once and are held; when it is back, all that waited come at
 * once. In this process they start this far apart. Otherwise they would delay the customers of every other cloud for
 * seconds, or be a herd at the one that is back. One worker holds 6,000 in the longest window of the gate (two
 * minutes); if there are more, each asks less often.
 */
const TURN_EVERY_MS = 20;

/**
 * Renews a connection's credential so that no token that a cloud has issued is lost, however this process ends:
 *
 * 1. read the record; where nothing is due (or what is stored answers the request), spend nothing and bring what is
 *    handed out up to the record
 * 2. where refresh tokens rotate, mark the record as `spending` with check-and-set; this proves that the store can be
 *    written. An existing marker belongs to another attempt: if it is young, that attempt may be in flight; if it is
 *    old, its reply may be lost, and the refresh is repeated once, marked as a replay
 * 3. call the cloud (RFC 6749, 6)
 * 4. store the reply with check-and-set, then its projection; if the store does not answer, return the reply sealed
 * 5. refused on a replay means that the first reply is lost for good, once another look 6 s later finds no newer
 *    record; refused otherwise means revoked (without rotation, only the third refusal in a row does)
 */
export type RefreshProtocol = (connection: ConnectionRef, wanted: Wanted) => Promise<AttemptOutcome>;

/**
 * The protocol with one attempt at a time for a connection in this process. An attempt that was frozen past its timeout
 * runs on beside its successor: both must share one spending.
 */
export function createRefreshProtocol(deps: RefreshDependencies): RefreshProtocol {
  const inFlight = new Map<string, Promise<AttemptOutcome>>();
  const accessVersions = createKnownVersions();
  const nextTurn = createTurns(TURN_EVERY_MS);
  return async (connection, wanted) => {
    const startedAt = performance.now();
    for (let running = inFlight.get(connection.id); running; running = inFlight.get(connection.id)) {
      if (wanted.when === 'due') return await running;
      // Then read the record: a token that was issued after the request answers it.
      await running.catch(() => undefined);
    }
    const begin = async (): Promise<AttemptOutcome> => {
      const { provider, region } = connection;
      if (wanted.when === 'due' && (await deps.gate.state(gateKey(provider, region))) !== 'closed') await nextTurn();
      return await refreshOnce(deps, { connection, accessVersions, startedAt }, wanted);
    };
    const attempt = begin().finally(() => {
      if (inFlight.get(connection.id) === attempt) inFlight.delete(connection.id);
    });
    inFlight.set(connection.id, attempt);
    return await attempt;
  };
}

async function refreshOnce(
  deps: RefreshDependencies,
  given: Pick<Attempt, 'connection' | 'accessVersions' | 'startedAt'>,
  wanted: Wanted,
): Promise<AttemptOutcome> {
  const { connection } = given;
  const manifest = methodManifestOf(deps, connection);
  const attempt: Attempt = {
    ...given,
    attemptId: wanted.when === 'asked' ? wanted.requestId : deps.newId(),
    rotates: manifest?.rotatesRefreshTokens ?? false,
    leased: manifest?.leased ?? [],
    longestCycleSeconds: manifest?.longestCycleSeconds,
  };
  let facts: CredentialFacts | null = null;
  try {
    const stored = await readRenewal(deps.secrets, connection.id);
    if (!stored) return { outcome: 'refused', problem: problems.credentialMissing };
    const record = stored.record.reveal();
    facts = factsOf(record);
    if (!isWanted(deps, record, wanted)) {
      await projectAccess(deps.secrets, connection.id, record, attempt.leased);
      return { outcome: 'fresh', facts };
    }
    if (!record.mooring.renewable) return { outcome: 'refused', problem: problems.noRefreshToken };
    const held =
      wanted.when === 'due' ? await deps.gate.check(gateKey(connection.provider, connection.region)) : undefined;
    if (held) return { outcome: 'held', held, facts };
    // After a wait for another attempt, too little time is left: a reply after the activity's timeout would be lost.
    if (timeToCall(attempt) < SHORTEST_CALL_MS) return { outcome: 'busy', retryInSeconds: 1, facts };
    const spending = attempt.rotates ? await mark(deps, attempt, stored) : { stored, replay: false };
    if ('outcome' in spending) return spending;
    const left = timeToCall(attempt);
    if (left < SHORTEST_CALL_MS) {
      if (!spending.replay) await unmark(deps, connection.id, spending);
      return { outcome: 'store_unavailable', facts };
    }
    const spent = await spend(deps, attempt, spending, Math.min(left, CALL_DEADLINE_MS));
    return spent.outcome === 'refreshed' && wanted.when === 'asked' ? { ...spent, dueAtMs: null } : spent;
  } catch (error) {
    if (error instanceof SecretStoreUnavailable) return { outcome: 'store_unavailable', facts };
    if (error instanceof SecretStoreConflict) return { outcome: 'busy', retryInSeconds: 1, facts };
    if (error instanceof UnreadableRecord) return { outcome: 'refused', problem: problems.credentialUnreadable };
    throw error;
  }
}

/** Milliseconds that are left for the cloud's answer, if it is to be stored within the activity's time. */
const timeToCall = ({ startedAt }: Attempt): number =>
  BUDGET_MS - 2 * STORE_DEADLINE_MS - (performance.now() - startedAt);

const YOUNG_MS = 60_000;

function isWanted({ clock }: RefreshDependencies, record: CredentialRecord, wanted: Wanted): boolean {
  const { mooring } = record;
  const now = clock.now();
  if (wanted.when === 'due') {
    if (mooring.spending) return true;
    if (wanted.degradedSince !== null && mooring.issued_at_ms < Date.parse(wanted.degradedSince)) return true;
    if (mooring.next_refresh_at_ms !== null) return mooring.next_refresh_at_ms <= now;
    return remainingMs(record, clock) === 0;
  }
  if (mooring.attempt_id === wanted.requestId || mooring.issued_at_ms >= wanted.askedAtMs) return false;
  if (wanted.minTtlSeconds === null) return true;
  return now - mooring.issued_at_ms >= YOUNG_MS && remainingMs(record, clock) < wanted.minTtlSeconds * 1000;
}
