import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import type { SealedReply } from '../../contracts/activities.ts';
import type { Tombstone } from '../../contracts/connection.ts';
import { problems } from '../../contracts/problem.ts';
import { iso } from '../../contracts/time.ts';
import { untilDone } from './activities.ts';
import { aboutOf } from './about.ts';
import { lastAttempt } from './failures.ts';
import type { Grant, Phase, SealedState } from './phases.ts';
import type { ConnectionRuntime, Settle, Wanted } from './runtime.ts';
import { runEndsAt } from './schedule.ts';
import { settleProof } from './sign-in.ts';

const REVOCATION_MS = 7 * 24 * 60 * 60 * 1000;
const MINUTE_MS = 60 * 1000;
const FAST_MS = 10 * MINUTE_MS;
/** The longest pause between two tries. With less than this left, the run is not waited for. */
const LONGEST_PAUSE_MS = 5 * MINUTE_MS;

/**
 * The long operation that the state asks for beside upkeep, if any. Derived from the state alone, so that a new run
 * continues what the last one was waiting for.
 */
export function wantedBackground(runtime: ConnectionRuntime): Wanted | undefined {
  const { phase, sealed, discards, aboutStale } = runtime.state;
  if (runtime.isStopping) return undefined;
  if (phase.status === 'disconnecting') {
    // The running attempt may still return a reply, which must be revoked with the rest.
    if (runtime.isRunning('upkeep')) return undefined;
    return { key: `disconnect/${phase.step}`, run: () => disconnectStep(runtime, phase) };
  }
  if (sealed) return { key: `storeSealed/${sealed.reply.attemptId}`, run: () => storeSealed(runtime, sealed) };
  if (phase.status === 'verifying') {
    const { grant } = phase;
    if (grant.step === 'proof') {
      return { key: `proof/${grant.pendingRef}/${grant.attemptsBefore}`, run: () => prove(runtime, grant) };
    }
    if (grant.step === 'promotion') return { key: `promotion/${grant.pendingRef}`, run: () => promote(runtime, grant) };
  }
  const [pendingRef] = discards;
  if (pendingRef !== undefined) return { key: `discard/${pendingRef}`, run: () => discard(runtime, pendingRef) };
  return aboutStale ? { key: 'about', run: () => writeAbout(runtime) } : undefined;
}

async function prove(runtime: ConnectionRuntime, grant: Grant): Promise<Settle> {
  const { pendingRef } = grant;
  const { fastProbe, slowProbe } = runtime.cloud;
  const taken = runtime.outbox.take();
  const input = { connection: runtime.state.ref, pendingRef, ...taken };
  const deadline = Date.parse(grant.deadline);
  const left = Math.max(deadline - runtime.now, MINUTE_MS);
  try {
    const outcome =
      grant.attemptsBefore === 0
        ? await fastProbe.proveGrant.executeWithOptions(
            { summary: 'Prove that the grant works', scheduleToCloseTimeout: Math.min(left, FAST_MS) },
            [input],
          )
        : await slowProbe.proveGrant.executeWithOptions(
            {
              summary: `Prove that the grant works, ${grant.attemptsBefore} tries before`,
              scheduleToCloseTimeout: Math.min(left, untilRunEnds(runtime)),
            },
            [input],
          );
    return () => {
      runtime.outbox.settle(taken.events, outcome);
      settleProof(runtime, pendingRef, outcome);
    };
  } catch (error) {
    const last = isCancellation(error) ? undefined : lastAttempt(error);
    if (!last) throw error;
    return () => {
      // Temporal gives up when the next try would be after the deadline, not at the deadline itself. In the last
      // minute another activity would fail at once, again and again, in a hot loop.
      if (runtime.now >= deadline - MINUTE_MS) {
        return runtime.change({
          type: 'grantFailed',
          pendingRef,
          problem: { ...last.problem, remedy: `${last.problem.remedy} ${problems.verificationTimedOut.remedy}` },
        });
      }
      const attempts = grant.attemptsBefore + last.attempts;
      return runtime.change({ type: 'grantWaiting', pendingRef, attempts, problem: last.problem });
    };
  }
}

/** Ends before the run does, so that its count of tries is carried over; a cancelled activity would lose it. */
function untilRunEnds(runtime: ConnectionRuntime): number {
  const left = runEndsAt(runtime) - runtime.now;
  return left > LONGEST_PAUSE_MS ? left : FAST_MS;
}

async function promote(runtime: ConnectionRuntime, grant: Grant): Promise<Settle> {
  const { account, pendingRef } = grant;
  if (!account) throw new Error('A grant is promoted only after its account is known.');
  const outcome = await untilDone.promoteGrant.executeWithOptions({ summary: 'Put the proven grant to use' }, [
    { connection: runtime.state.ref, pendingRef, about: { ...aboutOf(runtime.state), account } },
  ]);
  return () =>
    outcome.outcome === 'promoted'
      ? runtime.change({ type: 'promoted', pendingRef, credential: outcome.credential })
      : runtime.change({ type: 'grantFailed', pendingRef, problem: outcome.problem });
}

async function writeAbout(runtime: ConnectionRuntime): Promise<Settle> {
  const about = aboutOf(runtime.state);
  await untilDone.writeAbout.executeWithOptions({ summary: 'Keep what it is recovered from' }, [{ about }]);
  return () => {
    // If it was annotated again meanwhile, it stays stale and is written again.
    if (JSON.stringify(about) === JSON.stringify(aboutOf(runtime.state))) runtime.change({ type: 'aboutWritten' });
  };
}

export async function storeSealed(runtime: ConnectionRuntime, sealed: SealedState): Promise<Settle> {
  const { outcome } = await untilDone.storeSealed.executeWithOptions({ summary: "Store the cloud's sealed reply" }, [
    { connection: runtime.state.ref, sealed: sealed.reply, pendingRef: sealed.pendingRef },
  ]);
  return () => {
    runtime.change({ type: 'sealedSettled', outcome });
    const { pendingRef } = sealed;
    if (pendingRef !== null) return runtime.change({ type: 'grantAdvanced', pendingRef, step: 'proof' });
    // If superseded, upkeep finds the newer generation in the store and spends nothing.
    const credential = outcome === 'stored' ? sealed.facts : null;
    if (!credential) return;
    runtime.change({ type: 'refreshed', credential, forced: false, replayed: false, warnings: null });
  };
}

async function discard(runtime: ConnectionRuntime, pendingRef: string): Promise<Settle> {
  await runtime.cloud.revocation.discardGrant.executeWithOptions({ summary: 'Drop an unwanted grant' }, [
    { connection: runtime.state.ref, pendingRef },
  ]);
  return () => runtime.change({ type: 'discarded', pendingRef });
}

/** The steps of disconnecting. Each is idempotent, so that it can be repeated after a worker was killed. */
async function disconnectStep(
  runtime: ConnectionRuntime,
  phase: Extract<Phase, { status: 'disconnecting' }>,
): Promise<Settle> {
  const connection = runtime.state.ref;
  switch (phase.step) {
    case 'retire':
      await untilDone.retireCredential.executeWithOptions({ summary: 'Stop handing out the credential' }, [
        { connection },
      ]);
      return () => runtime.change({ type: 'retired' });
    case 'revoke': {
      const revocation = await revoke(runtime, Date.parse(phase.since), runtime.state.sealed?.reply ?? null);
      return () => runtime.change({ type: 'revoked', revocation });
    }
    case 'destroy': {
      if (runtime.state.discovery) {
        await untilDone.dropInventory.executeWithOptions({ summary: 'Drop the inventory' }, [
          { connection, epoch: runtime.state.epoch },
        ]);
      }
      await untilDone.destroySecrets.executeWithOptions({ summary: 'Destroy every stored version' }, [{ connection }]);
      // The tombstone is written before the status says "disconnected", so that readers of the status find it.
      const tombstone: Tombstone = {
        connection,
        account: runtime.state.account,
        revocation: phase.revocation ?? { outcome: 'nothing_to_revoke' },
        disconnectedAt: iso(runtime.now),
        status: 'disconnected',
        request: runtime.state.request,
      };
      await untilDone.writeTombstone.executeWithOptions({ summary: 'Keep what was revoked, and when' }, [
        { tombstone },
      ]);
      return () => runtime.change({ type: 'disconnected', tombstone });
    }
  }
}

async function revoke(runtime: ConnectionRuntime, startedAtMs: number, sealed: SealedReply | null) {
  const left = Math.max(startedAtMs + REVOCATION_MS - runtime.now, MINUTE_MS);
  try {
    return await runtime.cloud.revocation.revokeCredential.executeWithOptions(
      { summary: 'Revoke at the cloud', scheduleToCloseTimeout: left },
      [{ connection: runtime.state.ref, sealed }],
    );
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return { outcome: 'failed', problem: lastAttempt(error)?.problem ?? problems.internal } as const;
  }
}
