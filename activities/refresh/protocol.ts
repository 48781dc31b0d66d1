import { setTimeout as sleep } from 'node:timers/promises';
import { Secret } from '../../platform/secret.ts';
import { gateKey } from '../../stores/provider-states.ts';
import { factsOf, liveKeys, newRecord, type CredentialRecord } from '../../stores/secrets/credential-record.ts';
import { SecretStoreConflict, SecretStoreUnavailable, type SecretStore } from '../../stores/secrets/port.ts';
import type { SealedReply } from '../../workflows/contracts/activities.ts';
import type { ConnectionRef, CredentialFacts } from '../../workflows/contracts/connection.ts';
import { problems, type Problem } from '../../workflows/contracts/problem.ts';
import { authMethodOf, methodManifestOf, type ActivityDependencies } from '../dependencies.ts';
import { startDeadline } from '../providers/deadline.ts';
import { ProviderError, type IssuedCredential } from '../providers/provider.ts';
import {
  readRenewal,
  remainingMs,
  UnreadableRecord,
  withIssue,
  withMarker,
  type Issue,
  type StoredRecord,
} from '../records.ts';
import { sealIssue } from '../sealed-reply.ts';
import type { Held } from './provider-gate.ts';
import { refreshDelayMs } from './schedule.ts';
import { projectAccess, storeReply } from './store-reply.ts';

/** A marker this old belongs to an attempt whose request has ended, one way or the other. */
const HTTP_DEADLINE_MS = 6_000;
const STORE_DEADLINE_MS = 2_000;
/** Between two tries to store a reply that is in hand. */
const STORE_PAUSE_MS = 250;
/** All of it fits into the activity's 12 s, with a second to spare: what is ambiguous must come back as a result. */
const BUDGET_MS = 11_000;
const SHORTEST_CALL_MS = 3_000;
/** How many refusals in a row are believed where asking again costs nothing. */
const REFUSALS_BELIEVED = 3;

type Dependencies = Pick<
  ActivityDependencies,
  'secrets' | 'providers' | 'keyRing' | 'clock' | 'newId' | 'gate' | 'random'
>;

/** When a renewal is wanted: as soon as it is due, or because somebody asked. */
export type Wanted =
  /** `degradedSince` (ISO 8601): one that was issued before is due as well, since the last renewal failed. */
  | { readonly when: 'due'; readonly degradedSince: string | null }
  | {
      readonly when: 'asked';
      readonly askedAtMs: number;
      readonly requestId: string;
      readonly minTtlSeconds: number | null;
    };

/** How one attempt ended. Facts are of what is stored now; null where the store could not be read. */
export type AttemptOutcome =
  | {
      readonly outcome: 'refreshed';
      readonly facts: CredentialFacts;
      readonly replayed: boolean;
      readonly warnings: readonly Problem[];
      /** Unix milliseconds: when it was due. Null where somebody asked for it, or it was not due. */
      readonly dueAtMs: number | null;
      /** False: readers still get the token before, and the next attempt has to bring that up to date. */
      readonly isHandedOut: boolean;
    }
  /** Nothing was due, or what is stored answers the request: nothing was spent. */
  | { readonly outcome: 'fresh'; readonly facts: CredentialFacts }
  /** Another attempt may be spending the refresh token at this moment. */
  | { readonly outcome: 'busy'; readonly retryInSeconds: number; readonly facts: CredentialFacts | null }
  /** The provider is paused, or its breaker is open: nothing was asked. */
  | { readonly outcome: 'held'; readonly held: Held; readonly facts: CredentialFacts }
  | { readonly outcome: 'sealed'; readonly sealed: SealedReply; readonly facts: CredentialFacts }
  | {
      readonly outcome: 'unavailable';
      readonly problem: Problem;
      readonly retryAfterSeconds: number | null;
      readonly facts: CredentialFacts;
    }
  /** The secret store does not answer; nothing was spent. */
  | { readonly outcome: 'store_unavailable'; readonly facts: CredentialFacts | null }
  /** The cloud refused, and asking again may still help and costs nothing. */
  | { readonly outcome: 'doubted'; readonly problem: Problem; readonly facts: CredentialFacts }
  | { readonly outcome: 'refused'; readonly problem: Problem };

/** What one attempt works with. */
interface Attempt {
  readonly connection: ConnectionRef;
  readonly attemptId: string;
  readonly startedAt: number;
  readonly rotates: boolean;
  readonly leased: readonly string[];
  readonly longestCycleSeconds: number | undefined;
}

interface Spending {
  readonly stored: StoredRecord;
  /** True when the token may have been spent before, and the reply lost. */
  readonly replay: boolean;
}

/**
 * Renews a connection's credential so that nothing a cloud gave once is lost, however this process ends:
 *
 * 1. read the record; where nothing is due (or what is stored answers the request), spend nothing and bring what is
 *    handed out up to the record
 * 2. where refresh tokens rotate, mark the record as `spending` with check-and-set; this proves that the store can be
 *    written. A marker that is there already belongs to another attempt: a young one means that it may be spending at
 *    this moment, an old one that its reply may be lost, so that the refresh is repeated once, marked as a replay
 * 3. call the cloud (RFC 6749, 6)
 * 4. store the reply with check-and-set, then its projection; if the store does not answer, return the reply sealed
 * 5. refused on a replay means that the first reply is lost for good, once another look 6 s later finds no newer
 *    record; refused otherwise means revoked
 */
export type RefreshProtocol = (connection: ConnectionRef, wanted: Wanted) => Promise<AttemptOutcome>;

/**
 * The protocol with one attempt at a time for a connection in this process. An attempt that was frozen past its
 * time-out runs on beside its successor: both must be the same spending.
 */
export function createRefreshProtocol(deps: Dependencies): RefreshProtocol {
  const inFlight = new Map<string, Promise<AttemptOutcome>>();
  return async (connection, wanted) => {
    const startedAt = performance.now();
    for (let running = inFlight.get(connection.id); running; running = inFlight.get(connection.id)) {
      if (wanted.when === 'due') return await running;
      // Who asked reads the record afterwards: what was issued since then is the answer.
      await running.catch(() => undefined);
    }
    const attempt = refreshOnce(deps, connection, wanted, startedAt).finally(() => {
      if (inFlight.get(connection.id) === attempt) inFlight.delete(connection.id);
    });
    inFlight.set(connection.id, attempt);
    return await attempt;
  };
}

async function refreshOnce(
  deps: Dependencies,
  connection: ConnectionRef,
  wanted: Wanted,
  startedAt: number,
): Promise<AttemptOutcome> {
  const manifest = methodManifestOf(deps, connection);
  const attempt: Attempt = {
    connection,
    attemptId: wanted.when === 'asked' ? wanted.requestId : deps.newId(),
    startedAt,
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
    const held = wanted.when === 'due' ? await deps.gate.check(gateKey(connection.provider, connection.region)) : undefined;
    if (held) return { outcome: 'held', held, facts };
    // It has waited for another attempt: a reply could come back after the activity's time-out, and nobody would hear it.
    if (timeToCall(attempt) < SHORTEST_CALL_MS) return { outcome: 'busy', retryInSeconds: 1, facts };
    const spending = attempt.rotates ? await mark(deps, attempt, stored) : { stored, replay: false };
    if ('outcome' in spending) return spending;
    const left = timeToCall(attempt);
    if (left < SHORTEST_CALL_MS) {
      if (!spending.replay) await unmark(deps, connection.id, spending);
      return { outcome: 'store_unavailable', facts };
    }
    const spent = await spend(deps, attempt, spending, Math.min(left, HTTP_DEADLINE_MS));
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

function isWanted({ clock }: Dependencies, record: CredentialRecord, wanted: Wanted): boolean {
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

async function mark(
  deps: Dependencies,
  { connection, attemptId }: Attempt,
  stored: StoredRecord,
): Promise<Spending | AttemptOutcome> {
  const record = stored.record.reveal();
  const found = record.mooring.spending;
  const age = found ? deps.clock.now() - found.started_at_ms : 0;
  if (found && age < HTTP_DEADLINE_MS) {
    const retryInSeconds = Math.max(Math.ceil((HTTP_DEADLINE_MS - age) / 1000), 1);
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

async function spend(
  deps: Dependencies,
  attempt: Attempt,
  spending: Spending,
  budgetMs: number,
): Promise<AttemptOutcome> {
  const { connection } = attempt;
  const record = spending.stored.record.reveal();
  const deadline = startDeadline(budgetMs);
  let issued: IssuedCredential;
  try {
    issued = await authMethodOf(deps, connection).refresh({
      region: connection.region,
      connectionId: connection.id,
      record: new Secret(record),
      signal: deadline.signal,
    });
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return await notIssued(deps, attempt, spending, error);
  } finally {
    deadline.cancel();
  }
  const issue = issueOf(deps, attempt, record.mooring.generation + 1, issued);
  const { facts, outcome, isHandedOut = false } = await keep(deps, attempt, spending, issue);
  // Nothing that the caller must know is worth losing the reply over: the gate hears of it last.
  await deps.gate.note(gateKey(connection.provider, connection.region), 'answered', null, null);
  if (outcome === 'stored') {
    const { replay: replayed } = spending;
    const { next_refresh_at_ms: dueAtMs } = record.mooring;
    return { outcome: 'refreshed', facts, replayed, warnings: issued.warnings, dueAtMs, isHandedOut };
  }
  if (outcome === 'superseded') return { outcome: 'fresh', facts };
  if (outcome === 'retired') return { outcome: 'refused', problem: problems.credentialMissing };
  return { outcome: 'sealed', sealed: sealIssue(deps.keyRing, connection.id, issue), facts };
}

function issueOf(
  { clock, random }: Dependencies,
  { attemptId, longestCycleSeconds }: Attempt,
  generation: number,
  issued: IssuedCredential,
): Issue {
  const issuedAtMs = clock.now();
  const { ttlSeconds, renewable } = issued;
  const nextRefreshAtMs = renewable ? issuedAtMs + refreshDelayMs(ttlSeconds, random(), longestCycleSeconds) : null;
  return { issued, attemptId, generation, issuedAtMs, nextRefreshAtMs };
}

/** Stores the reply for as long as the attempt may last. `sealed` = the store did not take it. */
async function keep(
  { secrets }: Dependencies,
  { connection, startedAt, leased }: Attempt,
  { stored }: Spending,
  issue: Issue,
): Promise<{
  facts: CredentialFacts;
  outcome: 'stored' | 'superseded' | 'retired' | 'sealed';
  isHandedOut?: boolean;
}> {
  const issuedFacts = factsOf(withIssue(stored.record.reveal(), issue).reveal());
  const hasTime = () => performance.now() - startedAt < BUDGET_MS - STORE_DEADLINE_MS;
  for (let known: StoredRecord | undefined = stored; ; known = undefined) {
    try {
      const kept = await storeReply(secrets, connection, issue, known, newRecord(connection));
      if (kept.outcome === 'retired') return { facts: issuedFacts, outcome: 'retired' };
      const current = kept.record.reveal();
      const isHandedOut = await handOut(secrets, connection.id, current, leased, hasTime);
      return { facts: factsOf(current), outcome: kept.outcome, isHandedOut };
    } catch (error) {
      if (error instanceof UnreadableRecord) return { facts: issuedFacts, outcome: 'sealed' };
      if (!(error instanceof SecretStoreUnavailable || error instanceof SecretStoreConflict)) throw error;
      if (!hasTime()) return { facts: issuedFacts, outcome: 'sealed' };
      await sleep(STORE_PAUSE_MS);
    }
  }
}

/** The record has the reply. Where there is no time left to hand it out, the next attempt does. */
async function handOut(
  secrets: SecretStore,
  id: string,
  record: CredentialRecord,
  leased: readonly string[],
  hasTime: () => boolean,
): Promise<boolean> {
  while (hasTime()) {
    try {
      await projectAccess(secrets, id, record, leased);
      return true;
    } catch (error) {
      if (!(error instanceof SecretStoreUnavailable)) throw error;
      await sleep(STORE_PAUSE_MS);
    }
  }
  return false;
}

async function notIssued(
  deps: Dependencies,
  attempt: Attempt,
  spending: Spending,
  { class: kind, problem, delivery, retryAfterSeconds }: ProviderError,
): Promise<AttemptOutcome> {
  const { connection, rotates } = attempt;
  const record = spending.stored.record.reveal();
  const facts = factsOf(record);
  // The request never left, or was answered with an error, so the token is unspent: clear the marker, otherwise a later
  // invalid_grant would be read as a lost reply. A replay keeps it: the token may have been spent by the attempt before.
  if (delivery !== 'unknown' && !spending.replay) await unmark(deps, connection.id, spending);
  switch (kind) {
    case 'transient':
      await deps.gate.note(gateKey(connection.provider, connection.region), 'unavailable', problem, retryAfterSeconds);
      return { outcome: 'unavailable', problem, retryAfterSeconds, facts };
    case 'config':
      await deps.gate.note(gateKey(connection.provider, connection.region), 'misconfigured', problem, retryAfterSeconds);
      return { outcome: 'unavailable', problem, retryAfterSeconds, facts };
    case 'user':
    case 'revoked':
      await deps.gate.note(gateKey(connection.provider, connection.region), 'answered', null, null);
      if (spending.replay) return await doubtReplay(deps, connection.id, spending);
      if (rotates || (await countRefusal(deps, connection.id, spending)) >= REFUSALS_BELIEVED) {
        return { outcome: 'refused', problem };
      }
      return { outcome: 'doubted', problem, facts };
  }
}

/**
 * A replay was refused. An attempt that was frozen past its time-out may hold the reply of the first spending and be
 * about to store it: the refusal is noted in the marker, and believed by the next attempt that finds no newer record.
 */
async function doubtReplay(deps: Dependencies, id: string, { stored }: Spending): Promise<AttemptOutcome> {
  const record = stored.record.reveal();
  const { spending } = record.mooring;
  if (spending) {
    const noted = { ...spending, started_at_ms: deps.clock.now(), replay_refused: true };
    await write(deps, id, withMarker(record, noted), stored.version);
  }
  return { outcome: 'busy', retryInSeconds: HTTP_DEADLINE_MS / 1000, facts: factsOf(record) };
}

/** Counts a refusal in the record, where the next attempt finds it. Best effort: one that is not counted is asked again. */
async function countRefusal(deps: Dependencies, id: string, { stored }: Spending): Promise<number> {
  const record = stored.record.reveal();
  const refusals = record.mooring.refusals + 1;
  const counted = new Secret<CredentialRecord>({ ...record, mooring: { ...record.mooring, refusals } });
  await write(deps, id, counted, stored.version);
  return refusals;
}

/** Best effort: a marker that stays costs a later refusal its exact name, never a token. */
async function unmark(deps: Dependencies, id: string, { stored }: Spending): Promise<void> {
  const record = stored.record.reveal();
  if (record.mooring.spending === null) return;
  await write(deps, id, withMarker(record, null), stored.version);
}

async function write(deps: Dependencies, id: string, record: Secret<CredentialRecord>, cas: number): Promise<void> {
  try {
    await deps.secrets.write('live', liveKeys.renewal(id), record, { cas });
  } catch (error) {
    if (!(error instanceof SecretStoreUnavailable || error instanceof SecretStoreConflict)) throw error;
  }
}
