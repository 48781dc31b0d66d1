import {
  ApplicationFailure,
  CancelledFailure,
  CancellationScope,
  makeContinueAsNewFunc,
  workflowInfo,
} from '@temporalio/workflow';
import type { ConnectionView, RequestMemo, Tombstone } from '../../contracts/connection.ts';
import { FIRST_EPOCH } from '../../contracts/connection-view.ts';
import type { ConnectionInput } from '../../contracts/messages.ts';
import { problems } from '../../contracts/problem.ts';
import type { Restart } from '../../contracts/restart.ts';
import { iso } from '../../contracts/time.ts';
import { untilDone } from './activities.ts';
import { attributesOf } from './attributes.ts';
import { storeSealed, wantedBackground } from './background.ts';
import { faults } from './commands.ts';
import { handleMessages, invitationFrom, pendingRefOf } from './handlers.ts';
import { wantedUpkeep } from './keep-fresh.ts';
import { initialState, isFinal, type ConnectionState } from './phases.ts';
import { isRestart, stateFrom } from './restart.ts';
import { ConnectionRuntime } from './runtime.ts';
import { nextWake, runIsOver } from './schedule.ts';

/**
 * One cloud connection, for as long as it lives. It alone may spend the connection's refresh token. `carried` is the
 * state of the run before, when this one continues it, or what a lost connection is started again with.
 */
export async function connection(
  input: ConnectionInput,
  carried?: ConnectionState | Restart,
): Promise<Tombstone | null> {
  const fault = faults.input(input) ?? (input.id === workflowInfo().workflowId ? undefined : 'its id is another');
  if (fault !== undefined) {
    throw ApplicationFailure.nonRetryable(`This is no connection: ${fault}.`, 'invalid_input');
  }
  const now = Date.now();
  const state = carried
    ? stateFrom(carried)
    : initialState(
        input,
        invitationFrom(input.invitation, FIRST_EPOCH, 'connect', now),
        iso(now),
        requestMemo(),
        madeAt() ?? iso(now),
      );
  const isTold = carried !== undefined || workflowInfo().memo?.['view'] !== undefined;
  // Subscribers have not been notified yet that the connection was stopped.
  const published = carried && isRestart(carried) ? [] : state.timeline;
  const isContinued = carried !== undefined && !isRestart(carried);
  const runtime = new ConnectionRuntime(state, attributesOf(state), { isTold, isContinued }, published);
  // Handlers run buffered messages inside this call, so the state must be complete before it.
  handleMessages(runtime);
  const root = CancellationScope.current();
  return CancellationScope.nonCancellable(async () => {
    root.cancelRequested.catch(() => {
      runtime.cancelRequested = true;
      void runtime.enqueue(() => undefined);
    });
    await resealCarried(runtime);
    runtime.announce();
    await live(runtime);
    while (runtime.isStopping && !isFinal(runtime.state)) {
      await stop(runtime);
      if (runtime.isStopping) throw new CancelledFailure('The connection was stopped by an operator.');
      // A caller has disconnected it in the meantime.
      await live(runtime);
    }
    if (!isFinal(runtime.state)) return await continueRun(runtime, input);
    const tombstone = await end(runtime);
    // Callers whose requests arrived while the end was being recorded are answered too.
    while (!(await runtime.drained())) await runtime.serveQueue();
    return tombstone;
  });
}

/** Serves messages and the clock until the connection has ended, or the run has and no caller waits for an answer. */
async function live(runtime: ConnectionRuntime): Promise<void> {
  for (;;) {
    await runtime.serveQueue();
    const isOver = isFinal(runtime.state) || runtime.isStopping || runIsOver(runtime.run, runtime.now);
    runtime.keepRunning('upkeep', isOver ? undefined : wantedUpkeep(runtime));
    runtime.keepRunning('background', isOver ? undefined : wantedBackground(runtime));
    runtime.publishNews();
    const isIdle = !runtime.isRunning('upkeep') && !runtime.isRunning('background');
    if (isOver && isIdle) {
      if (await runtime.drained()) return;
      continue;
    }
    // Once the run is over, operations that still run end by themselves, and their outcomes come through the queue.
    await runtime.waitFor(isOver ? undefined : nextWake(runtime.state, runtime.run));
    await runtime.serveQueue();
    if (!isOver && !isFinal(runtime.state)) await serveClock(runtime);
    runtime.announce();
  }
}

async function serveClock(runtime: ConnectionRuntime): Promise<void> {
  const wake = nextWake(runtime.state, runtime.run);
  if (wake.at > runtime.now) return;
  switch (wake.due) {
    case 'invitation':
      return runtime.change({ type: 'invitationLapsed' });
    case 'confirmation':
      return runtime.change({
        type: 'grantFailed',
        pendingRef: pendingRefOf(runtime.state),
        problem: problems.confirmationMissed,
      });
    case 'upkeep':
      return runtime.change({ type: 'upkeepResumed' });
    case 'renewRun':
      return;
  }
}

/** A sealed reply may wait in the state for days. Each run seals it again, so that a retired key is not needed for it. */
async function resealCarried(runtime: ConnectionRuntime): Promise<void> {
  const { ref, sealed } = runtime.state;
  if (!sealed) return;
  const input = { connection: ref, sealed: sealed.reply };
  const reply = await untilDone.resealReply.executeWithOptions({ summary: 'Seal the reply under the newest key' }, [
    input,
  ]);
  runtime.change({ type: 'resealed', reply });
}

/** The whole memo is passed on: Temporal would give the next run the first run's value of any entry left out. */
async function continueRun(runtime: ConnectionRuntime, input: ConnectionInput): Promise<never> {
  const continueAsNew = makeContinueAsNewFunc<typeof connection>({
    memo: { ...workflowInfo().memo, view: runtime.view },
  });
  return await continueAsNew(input, runtime.state);
}

/**
 * An operator's Cancel stops the connection and revokes nothing. Running operations have ended by now; a sealed reply is
 * stored first. The workflow then ends as cancelled, so that it can be started again.
 */
async function stop(runtime: ConnectionRuntime): Promise<void> {
  const { ref, sealed } = runtime.state;
  if (sealed) await (await storeSealed(runtime, sealed))();
  await untilDone.withdrawAccess.executeWithOptions({ summary: 'Stop handing out the credential' }, [
    { connection: ref },
  ]);
  runtime.change({ type: 'stopped' });
  runtime.announce();
  runtime.publishNews();
  while (!(await runtime.drained())) await runtime.serveQueue();
}

async function end(runtime: ConnectionRuntime): Promise<Tombstone | null> {
  const { phase, ref, account, request } = runtime.state;
  if (phase.status === 'disconnected') return phase.tombstone;
  for (const pendingRef of runtime.state.discards) {
    await runtime.cloud.revocation.discardGrant({ connection: ref, pendingRef });
  }
  // A submission may be stored although its update never reached the workflow.
  await untilDone.destroySecrets({ connection: ref });
  const tombstone: Tombstone = {
    connection: ref,
    account,
    revocation: { outcome: 'nothing_to_revoke' },
    disconnectedAt: iso(runtime.now),
    status: 'expired',
    request,
  };
  await untilDone.writeTombstone.executeWithOptions({ summary: 'Keep that it expired' }, [{ tombstone }]);
  return null;
}

/** What the API put into the memo at the start; absent if an operator started the workflow by hand. */
function requestMemo(): RequestMemo | null {
  const request = workflowInfo().memo?.['request'] as RequestMemo | undefined;
  return typeof request?.digest === 'string' ? request : null;
}

/** When the API made it, of the view that it put into the memo. */
function madeAt(): string | undefined {
  const view = workflowInfo().memo?.['view'] as Partial<ConnectionView> | undefined;
  return typeof view?.createdAt === 'string' ? view.createdAt : undefined;
}
