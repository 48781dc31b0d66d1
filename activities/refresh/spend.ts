import { setTimeout as sleep } from 'node:timers/promises';

import { startDeadline } from '../../platform/deadline.ts';
import { gateKey } from '../../stores/provider-states.ts';
import { factsOf, newRecord, type CredentialRecord } from '../../stores/secrets/credential-record.ts';
import { SecretStoreConflict, SecretStoreUnavailable, type SecretStore } from '../../stores/secrets/port.ts';
import type { CredentialFacts } from '../../contracts/connection.ts';
import { problems } from '../../contracts/problem.ts';
import { ProviderError, type IssuedCredential } from '../../providers/provider.ts';
import { authMethodOf } from '../dependencies.ts';
import { UnreadableRecord, withIssue, type Issue, type StoredRecord } from '../records.ts';
import { sealIssue } from '../sealed-reply.ts';
import {
  BUDGET_MS,
  STORE_DEADLINE_MS,
  type Attempt,
  type AttemptOutcome,
  type RefreshDependencies,
  type Spending,
} from './attempt.ts';
import { countRefusal, doubtReplay, unmark } from './marker.ts';
import { refreshDelayMs } from './schedule.ts';
import { projectAccess, storeReply } from './store-reply.ts';

/** Between two attempts to store a reply. */
const STORE_PAUSE_MS = 250;
/** After this many refusals in a row they are believed, where asking again costs nothing. */
const REFUSALS_BELIEVED = 3;

/** Calls the cloud, and stores what it answers. */
export async function spend(
  deps: RefreshDependencies,
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
      record: spending.stored.record,
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
  // The gate is notified last, so that nothing comes before the reply is stored.
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
  { clock, random }: RefreshDependencies,
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
  { secrets }: RefreshDependencies,
  attempt: Attempt,
  { stored }: Spending,
  issue: Issue,
): Promise<{
  facts: CredentialFacts;
  outcome: 'stored' | 'superseded' | 'retired' | 'sealed';
  isHandedOut?: boolean;
}> {
  const { connection, startedAt } = attempt;
  const issuedFacts = factsOf(withIssue(stored.record.reveal(), issue).reveal());
  const hasTime = () => performance.now() - startedAt < BUDGET_MS - STORE_DEADLINE_MS;
  for (let known: StoredRecord | undefined = stored; ; known = undefined) {
    try {
      const kept = await storeReply(secrets, connection, issue, known, newRecord(connection));
      if (kept.outcome === 'retired') return { facts: issuedFacts, outcome: 'retired' };
      const current = kept.record.reveal();
      const isHandedOut = await handOut(secrets, attempt, current, hasTime);
      return { facts: factsOf(current), outcome: kept.outcome, isHandedOut };
    } catch (error) {
      if (error instanceof UnreadableRecord) return { facts: issuedFacts, outcome: 'sealed' };
      if (!(error instanceof SecretStoreUnavailable || error instanceof SecretStoreConflict)) throw error;
      if (!hasTime()) return { facts: issuedFacts, outcome: 'sealed' };
      await sleep(STORE_PAUSE_MS);
    }
  }
}

/** The record holds the reply already. If no time is left to hand it out, the next attempt does so. */
async function handOut(
  secrets: SecretStore,
  { connection, leased, accessVersions }: Attempt,
  record: CredentialRecord,
  hasTime: () => boolean,
): Promise<boolean> {
  while (hasTime()) {
    try {
      await projectAccess(secrets, connection.id, record, leased, accessVersions);
      return true;
    } catch (error) {
      if (!(error instanceof SecretStoreUnavailable)) throw error;
      await sleep(STORE_PAUSE_MS);
    }
  }
  return false;
}

async function notIssued(
  deps: RefreshDependencies,
  attempt: Attempt,
  spending: Spending,
  { class: kind, problem, delivery, retryAfterSeconds }: ProviderError,
): Promise<AttemptOutcome> {
  const { connection, rotates } = attempt;
  const record = spending.stored.record.reveal();
  const facts = factsOf(record);
  // The request never left, or was answered with an error, so the token is unspent: clear the marker, otherwise a later
  // invalid_grant would be read as a lost reply. A replay keeps it: the first attempt may have spent the token.
  if (delivery !== 'unknown' && !spending.replay) await unmark(deps, connection.id, spending);
  switch (kind) {
    case 'transient':
      await deps.gate.note(gateKey(connection.provider, connection.region), 'unavailable', problem, retryAfterSeconds);
      return { outcome: 'unavailable', problem, retryAfterSeconds, facts };
    case 'config':
      await deps.gate.note(
        gateKey(connection.provider, connection.region),
        'misconfigured',
        problem,
        retryAfterSeconds,
      );
      return { outcome: 'unavailable', problem, retryAfterSeconds, facts };
    case 'user':
    case 'revoked':
      await deps.gate.note(gateKey(connection.provider, connection.region), 'answered', null, null);
      if (spending.replay) return await doubtReplay(deps, connection.id, spending);
      if (rotates || (await countRefusal(deps, connection.id, spending)) >= REFUSALS_BELIEVED) {
        return rotates ? { outcome: 'refused', problem } : { outcome: 'refused', problem, mayHeal: true };
      }
      return { outcome: 'doubted', problem, facts };
  }
}
