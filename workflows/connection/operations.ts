import { ActivityFailure, isCancellation, uuid4 } from '@temporalio/workflow';
import type { Actor } from '../../contracts/actor.ts';
import type { ConnectionView } from '../../contracts/connection.ts';
import type { ProofOutcome, RefreshInput, RefreshOutcome } from '../../contracts/activities.ts';
import type { Command, RefreshCommand, RefreshReply } from '../../contracts/messages.ts';
import { problems, type Problem } from '../../contracts/problem.ts';
import { iso } from '../../contracts/time.ts';
import { beneath } from './change.ts';
import { lastAttempt, problemFailure } from './failures.ts';
import { joinsForced } from './guards.ts';
import { retryAt } from './keep-fresh.ts';
import { assertNever } from '../../contracts/assert-never.ts';
import { problemOf } from './phases.ts';
import type { ConnectionRuntime } from './runtime.ts';
import { isWorking } from './schedule.ts';

/** A refresh on request. If another attempt has renewed the credential since it was asked for, that is the answer. */
export async function serveRefresh(
  runtime: ConnectionRuntime,
  command: RefreshCommand,
  askedAtMs: number,
): Promise<RefreshReply> {
  const forced = command.minTtlSeconds === null;
  if (forced && joinsForced(runtime.state, askedAtMs)) return joined(runtime);
  const refreshed = await refresh(runtime, {
    askedAtMs,
    minTtlSeconds: command.minTtlSeconds,
    requestId: command.requestId,
    by: command.by,
  });
  if (forced) runtime.change({ type: 'refreshForced' });
  if (refreshed.problem) throw notRefreshed(runtime, refreshed.problem);
  return replyOf(runtime, refreshed.spent);
}

/** The refresh that was joined may have failed; both callers get the same answer. */
function joined(runtime: ConnectionRuntime): RefreshReply {
  const failed = problemOf(beneath(runtime.state.phase));
  if (failed) throw notRefreshed(runtime, failed);
  return replyOf(runtime, false);
}

function replyOf(runtime: ConnectionRuntime, spent: boolean): RefreshReply {
  const { credential } = runtime.state;
  if (!credential) throw problemFailure(problems.credentialMissing, 409);
  return { spent, credential };
}

/** 503 tells the caller to try again. After a refusal that is no use until a person acts, so that is a 409. */
const notRefreshed = (runtime: ConnectionRuntime, problem: Problem) =>
  problemFailure(problem, isWorking(runtime.state.phase) ? 503 : 409);

type Refreshed =
  { readonly problem: Problem; readonly spent?: never } | { readonly problem?: never; readonly spent: boolean };

/** Renews the credential now, beside the pending upkeep; the stored record keeps the two from spending a token twice. */
export async function refresh(
  runtime: ConnectionRuntime,
  asked: {
    readonly askedAtMs: number;
    readonly minTtlSeconds: number | null;
    readonly requestId?: string | undefined;
    /** Absent where Mooring refreshes by itself. */
    readonly by?: Actor | undefined;
  },
): Promise<Refreshed> {
  const { credential, sealed } = runtime.state;
  if (!credential) return { problem: problems.credentialMissing };
  if (sealed) return { problem: problems.storeUnavailable };
  const outcome = await refreshOnce(runtime, {
    connection: runtime.state.ref,
    askedAtMs: asked.askedAtMs,
    requestId: asked.requestId ?? uuid4(),
    minTtlSeconds: asked.minTtlSeconds,
  });
  switch (outcome.outcome) {
    case 'refreshed':
    case 'already_fresh': {
      const isNew = outcome.outcome === 'refreshed';
      const forced = isNew && asked.minTtlSeconds === null;
      const { replayed, warnings } = isNew ? outcome : { replayed: false, warnings: null };
      runtime.change({ type: 'refreshed', credential: outcome.facts, forced, replayed, warnings }, asked.by);
      return { spent: isNew };
    }
    case 'sealed':
      runtime.change({
        type: 'replySealed',
        sealed: { reply: outcome.sealed, pendingRef: null, facts: outcome.facts },
        retryAt: iso(runtime.now),
      });
      return { problem: problems.storeUnavailable };
    case 'unavailable': {
      const { problem, retryAfterSeconds, providerWide } = outcome;
      if (!providerWide) {
        runtime.change({
          type: 'refreshFailed',
          problem,
          retryAt: retryAt(runtime.state, runtime.now, retryAfterSeconds),
        });
      }
      return { problem };
    }
    case 'refused':
      runtime.change({ type: 'refused', problem: outcome.problem, mayHeal: outcome.mayHeal ?? false });
      return { problem: outcome.problem };
    default:
      return assertNever(outcome);
  }
}

async function refreshOnce(runtime: ConnectionRuntime, input: RefreshInput): Promise<RefreshOutcome> {
  try {
    return await runtime.cloud.refresh.refreshCredential.executeWithOptions({ summary: 'Refresh the credential' }, [
      input,
    ]);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return {
      outcome: 'unavailable',
      problem: problems.refreshTimedOut,
      retryAfterSeconds: null,
      providerWide: true,
    };
  }
}

/** Asks the cloud now. A rejected token is refreshed once; if it is rejected again, the customer must act. */
export async function serveVerify(runtime: ConnectionRuntime, { by }: Command): Promise<ConnectionView> {
  let outcome = await verifyOnce(runtime);
  if (outcome.outcome === 'refused') {
    const { problem } = await refresh(runtime, { askedAtMs: runtime.now, minTtlSeconds: null, by });
    if (!problem) outcome = await verifyOnce(runtime);
  }
  if (outcome.outcome === 'refused') {
    runtime.change({ type: 'refused', problem: outcome.problem });
  } else if (runtime.state.account && outcome.account.id !== runtime.state.account.id) {
    runtime.change({ type: 'refused', problem: problems.accountMismatch });
  }
  return runtime.view;
}

async function verifyOnce(runtime: ConnectionRuntime): Promise<ProofOutcome> {
  try {
    const input = { connection: runtime.state.ref };
    return await runtime.cloud.soon.verifyCredential.executeWithOptions({ summary: 'Ask the cloud whether it works' }, [
      input,
    ]);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    throw problemFailure(lastAttempt(error)?.problem ?? problems.internal, 503);
  }
}
