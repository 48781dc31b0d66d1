import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import { failureTypes, type KeepFreshInput, type UpkeepReport, type WithEvents } from '../../contracts/activities.ts';
import { backoffMs, jittered } from '../../contracts/backoff.ts';
import type { Freshness } from '../../contracts/connection.ts';
import { iso } from '../../contracts/time.ts';
import { beneath } from './change.ts';
import { isCredentialFacts, isKeepFreshOutcome } from './commands.ts';
import { assertNever } from '../../contracts/assert-never.ts';
import type { ConnectionState, Phase } from './phases.ts';
import type { ConnectionRuntime, Settle, Wanted } from './runtime.ts';
import { hasUpkeep, runEndsAt, runIsOver } from './schedule.ts';

const MINUTE_MS = 60 * 1000;
const HOUR_MS = 60 * MINUTE_MS;

/** Upkeep as the state asks for it: while there is a credential that works, and no reply waits to be stored. */
export function wantedUpkeep(runtime: ConnectionRuntime): Wanted | undefined {
  const { state, run, now } = runtime;
  const { phase, credential, sealed, upkeepHeldUntil } = state;
  if (!credential || sealed || !hasUpkeep(phase) || runtime.isStopping || runIsOver(run, now)) return undefined;
  if (upkeepHeldUntil !== null && Date.parse(upkeepHeldUntil) > now) return undefined;
  return { key: beneath(phase).status, run: () => keepFresh(runtime) };
}

async function keepFresh(runtime: ConnectionRuntime): Promise<Settle> {
  const { upkeep } = runtime.cloud;
  const input = inputOf(runtime);
  const { events } = input;
  try {
    const outcome: unknown = await upkeep.keepFresh.executeWithOptions({ summary: 'Keep the credential fresh' }, [
      input,
    ]);
    return () => {
      runtime.outbox.settle(events, isKeepFreshOutcome(outcome) ? outcome : undefined);
      settleOutcome(runtime, outcome);
    };
  } catch (error) {
    return settleEnding(runtime, error);
  }
}

function inputOf(runtime: ConnectionRuntime): KeepFreshInput & Required<WithEvents> {
  const { ref, phase, epoch, discovery, renewalWarnings } = runtime.state;
  return {
    v: 1,
    connection: ref,
    returnAt: iso(runEndsAt(runtime)),
    ...troubleOf(beneath(phase), runtime.jitter),
    knownWarnings: renewalWarnings.map(({ code }) => code),
    discovery: discovery && {
      epoch,
      intervalSeconds: discovery.intervalSeconds,
      concurrency: discovery.concurrency,
    },
    ...runtime.outbox.take(),
  };
}

/** Since when renewals have failed, and when the next one may be tried. */
function troubleOf(phase: Phase, jitter: number): Pick<KeepFreshInput, 'degradedSince' | 'isRefused' | 'notBefore'> {
  switch (phase.status) {
    case 'degraded':
      return { degradedSince: phase.since, isRefused: false, notBefore: phase.retryAt };
    case 'action_required': {
      const notBefore = iso(Date.parse(phase.since) + jittered(HOUR_MS, jitter));
      return { degradedSince: phase.since, isRefused: true, notBefore };
    }
    default:
      return { degradedSince: null, isRefused: false, notBefore: null };
  }
}

/**
 * How upkeep ended if it did not return. Cancelled: no attempt was running. A report: an attempt was running when it was
 * cancelled, and its facts count. A timeout: the marker in the record tells the next attempt whether a token was spent.
 * Anything else is recorded in the timeline, and upkeep starts again a minute later.
 */
function settleEnding(runtime: ConnectionRuntime, error: unknown): Settle {
  if (isCancellation(error)) return () => undefined;
  if (!(error instanceof ActivityFailure)) throw error;
  if (error.cause instanceof TimeoutFailure) return () => undefined;
  const facts = reportIn(error.cause);
  if (facts) return () => runtime.change({ type: 'upkeepReported', facts });
  return () => interrupted(runtime);
}

function reportIn(cause: unknown): Freshness | undefined {
  if (!(cause instanceof ApplicationFailure) || cause.type !== failureTypes.askAgain) return undefined;
  const [report] = (cause.details ?? []) as [UpkeepReport?];
  if (report?.v !== 1 || typeof report.generation !== 'number' || typeof report.issuedAt !== 'string') return undefined;
  const { generation, issuedAt, expiresAt = null, nextRefreshAt = null } = report;
  return { v: 1, generation, issuedAt, expiresAt, nextRefreshAt };
}

function settleOutcome(runtime: ConnectionRuntime, value: unknown): void {
  if (!isKeepFreshOutcome(value)) return interrupted(runtime);
  const outcome = value;
  switch (outcome.outcome) {
    case 'fresh':
      return runtime.change({
        type: 'refreshed',
        credential: outcome.facts,
        forced: false,
        replayed: outcome.replayed,
        warnings: outcome.warnings,
      });
    case 'sealed':
      return runtime.change({
        type: 'replySealed',
        sealed: {
          reply: outcome.sealed,
          pendingRef: null,
          facts: isCredentialFacts(outcome.facts) ? outcome.facts : null,
        },
        retryAt: iso(runtime.now),
      });
    case 'unavailable':
      return runtime.change({
        type: 'refreshFailed',
        problem: outcome.problem,
        retryAt: retryAt(runtime.state, runtime.now, outcome.retryAfterSeconds),
      });
    case 'refused':
      return runtime.change({ type: 'refused', problem: outcome.problem, mayHeal: outcome.mayHeal ?? false });
    default:
      assertNever(outcome);
  }
}

export function retryAt({ phase }: ConnectionState, nowMs: number, retryAfterSeconds: number | null): string {
  const resting = beneath(phase);
  const failures = resting.status === 'degraded' ? resting.failures : 0;
  return iso(nowMs + backoffMs(failures, retryAfterSeconds, Math.random()));
}

const interrupted = (runtime: ConnectionRuntime): void =>
  runtime.change({ type: 'upkeepInterrupted', until: iso(runtime.now + MINUTE_MS) });
