import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import type { SealedReply } from './contracts/activities.ts';
import type { Account, Tombstone } from './contracts/connection.ts';
import { problems } from './contracts/problem.ts';
import { fastProbe, local, revocation, slowProbe, untilDone } from './connection.activities.ts';
import { lastAttempt } from './connection.failures.ts';
import type { Grant, Phase, SealedState } from './connection.phases.ts';
import type { ConnectionRuntime } from './connection.runtime.ts';
import { runEndsAt } from './connection.schedule.ts';
import { iso, placeCredential } from './contracts/credential-schedule.ts';

/** Applies an operation's outcome to the state; served from the queue, when nothing else is being done. */
type Settle = () => void | Promise<void>;
interface Wanted {
  readonly key: string;
  readonly run: () => Promise<Settle>;
}

const promotion = 'Put the proven grant to use';
const REVOCATION_MS = 7 * 24 * 60 * 60 * 1000;
const MINUTE_MS = 60 * 1000;
const FAST_MS = 10 * MINUTE_MS;
/** A try that would come later than this is the next run's. */
const LONGEST_PAUSE_MS = 5 * MINUTE_MS;

/**
 * The long operation that the state asks for, if any. Derived from the state alone, so that a new run takes up what
 * the last one was waiting for. The key changes with whatever makes it another operation.
 */
export function wantedBackground(rt: ConnectionRuntime): Wanted | undefined {
  const { phase, sealed, discards } = rt.state;
  if (phase.status === 'disconnecting') {
    return { key: `disconnect/${phase.step}`, run: () => disconnectStep(rt, phase) };
  }
  if (sealed) return { key: `storeSealed/${sealed.reply.attemptId}`, run: () => storeSealed(rt, sealed) };
  if (phase.status === 'verifying') {
    const { grant } = phase;
    if (grant.step === 'proof') {
      return { key: `proof/${grant.pendingRef}/${grant.attemptsBefore}`, run: () => prove(rt, grant) };
    }
    if (grant.step === 'promotion') return { key: `promotion/${grant.pendingRef}`, run: () => promote(rt, grant) };
  }
  const [pendingRef] = discards;
  return pendingRef === undefined ? undefined : { key: `discard/${pendingRef}`, run: () => discard(rt, pendingRef) };
}

async function prove(rt: ConnectionRuntime, grant: Grant): Promise<Settle> {
  const { pendingRef } = grant;
  const input = { connection: rt.state.ref, pendingRef };
  const deadline = Date.parse(grant.deadline);
  const left = Math.max(deadline - rt.now, MINUTE_MS);
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
              scheduleToCloseTimeout: Math.min(left, untilRunEnds(rt)),
            },
            [input],
          );
    return async () => {
      if (!isVerifying(rt, pendingRef)) return;
      if (outcome.outcome === 'refused')
        return rt.change({ type: 'grantFailed', pendingRef, problem: outcome.problem });
      rt.change({ type: 'warned', warnings: outcome.warnings });
      const known = rt.state.account;
      if (known && known.id !== outcome.account.id && !grant.allowDifferentAccount) {
        return rt.change({ type: 'grantFailed', pendingRef, problem: problems.accountMismatch });
      }
      const step = grant.confirm ? 'confirmation' : 'promotion';
      rt.change({ type: 'grantAdvanced', pendingRef, step, account: outcome.account });
      if (step === 'promotion') await promoteAtOnce(rt, pendingRef, outcome.account);
    };
  } catch (error) {
    const last = isCancellation(error) ? undefined : lastAttempt(error);
    if (!last) throw error;
    return () => {
      // Temporal gives up as soon as the next try would be too late, not at the deadline; less than a minute before
      // it, another activity would try at once and give up at once, in a hot loop.
      if (rt.now >= deadline - MINUTE_MS) {
        return rt.change({
          type: 'grantFailed',
          pendingRef,
          problem: { ...last.problem, remedy: `${last.problem.remedy} ${problems.verificationTimedOut.remedy}` },
        });
      }
      const attempts = grant.attemptsBefore + last.attempts;
      return rt.change({ type: 'grantWaiting', pendingRef, attempts, problem: last.problem });
    };
  }
}

/** Ends with the run, so that its count of tries is carried; it would be cancelled otherwise, and the count lost. */
function untilRunEnds({ run, now }: ConnectionRuntime): number {
  const left = runEndsAt(run) - now;
  return left > LONGEST_PAUSE_MS ? left : FAST_MS;
}

const isVerifying = ({ state: { phase } }: ConnectionRuntime, pendingRef: string): boolean =>
  phase.status === 'verifying' && phase.grant.pendingRef === pendingRef;

async function promote(rt: ConnectionRuntime, grant: Grant): Promise<Settle> {
  const { account, pendingRef } = grant;
  if (!account) throw new Error('A grant is promoted only after its account is known.');
  const facts = await untilDone.promoteGrant.executeWithOptions({ summary: promotion }, [
    { connection: rt.state.ref, pendingRef, account },
  ]);
  return () => rt.change({ type: 'promoted', pendingRef, credential: placeCredential(facts, rt.now, Math.random()) });
}

/**
 * Nearly always the store answers at once, and nothing but a marker is added to the history; else the background takes
 * it up. Only where nothing else is under way: see docs/decisions/0013.
 */
async function promoteAtOnce(rt: ConnectionRuntime, pendingRef: string, account: Account): Promise<void> {
  try {
    const input = { connection: rt.state.ref, pendingRef, account };
    const facts = await local.promoteGrant.executeWithOptions({ summary: promotion }, [input]);
    rt.change({ type: 'promoted', pendingRef, credential: placeCredential(facts, rt.now, Math.random()) });
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
  }
}

async function storeSealed(rt: ConnectionRuntime, sealed: SealedState): Promise<Settle> {
  const { outcome } = await untilDone.storeSealed.executeWithOptions({ summary: "Store the cloud's sealed reply" }, [
    { connection: rt.state.ref, sealed: sealed.reply, pendingRef: sealed.pendingRef },
  ]);
  return () => {
    rt.change({ type: 'sealedSettled', outcome });
    const { pendingRef } = sealed;
    if (pendingRef !== null) return rt.change({ type: 'grantAdvanced', pendingRef, step: 'proof' });
    // Superseded: the next refresh finds the newer generation and spends nothing.
    const facts = outcome === 'stored' ? sealed.facts : null;
    if (!facts) return;
    const credential = placeCredential(facts, rt.now, Math.random());
    rt.change({ type: 'refreshed', credential, forced: false, replayed: false, warnings: null });
  };
}

async function discard(rt: ConnectionRuntime, pendingRef: string): Promise<Settle> {
  await untilDone.discardGrant.executeWithOptions({ summary: 'Drop a grant that is not wanted' }, [
    { connection: rt.state.ref, pendingRef },
  ]);
  return () => rt.change({ type: 'discarded', pendingRef });
}

/** The saga of disconnecting; each step is idempotent, so that a killed one is simply done again. */
async function disconnectStep(
  rt: ConnectionRuntime,
  phase: Extract<Phase, { status: 'disconnecting' }>,
): Promise<Settle> {
  const connection = rt.state.ref;
  switch (phase.step) {
    case 'retire':
      await untilDone.retireCredential.executeWithOptions({ summary: 'Stop handing out the credential' }, [
        { connection },
      ]);
      return () => rt.change({ type: 'retired' });
    case 'revoke': {
      const revoked = await revoke(rt, Date.parse(phase.since), rt.state.sealed?.reply ?? null);
      return () => rt.change({ type: 'revoked', revocation: revoked });
    }
    case 'destroy': {
      if (rt.state.discovery) {
        await untilDone.dropInventory.executeWithOptions({ summary: 'Drop the inventory' }, [
          { connection, epoch: rt.state.epoch },
        ]);
      }
      await untilDone.destroySecrets.executeWithOptions({ summary: 'Destroy every stored version' }, [{ connection }]);
      // Before anybody is told: who reads "disconnected" finds the tombstone.
      const tombstone: Tombstone = {
        connection,
        account: rt.state.account,
        revocation: phase.revocation ?? { outcome: 'nothing_to_revoke' },
        disconnectedAt: iso(rt.now),
      };
      await untilDone.writeTombstone.executeWithOptions({ summary: 'Keep what was revoked, and when' }, [
        { tombstone },
      ]);
      return () => rt.change({ type: 'disconnected', tombstone });
    }
  }
}

async function revoke(rt: ConnectionRuntime, startedAtMs: number, sealed: SealedReply | null) {
  const left = Math.max(startedAtMs + REVOCATION_MS - rt.now, MINUTE_MS);
  try {
    return await revocation.revokeCredential.executeWithOptions(
      { summary: 'Revoke at the cloud', scheduleToCloseTimeout: left },
      [{ connection: rt.state.ref, sealed }],
    );
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return { outcome: 'failed', problem: lastAttempt(error)?.problem ?? problems.internal } as const;
  }
}
