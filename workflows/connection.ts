import {
  ApplicationFailure,
  CancelledFailure,
  CancellationScope,
  defineQuery,
  defineSignal,
  defineUpdate,
  makeContinueAsNewFunc,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ConnectionView, RequestMemo, TimelineEntry, Tombstone } from './contracts/connection.ts';
import {
  messages,
  type Command,
  type ConnectionInput,
  type InvitationTerms,
  type RefreshReply,
  type SubmitCredentialsCommand,
} from './contracts/messages.ts';
import { problems } from './contracts/problem.ts';
import type { Restart } from './contracts/restart.ts';
import { iso } from './contracts/time.ts';
import { untilDone } from './connection.activities.ts';
import { attributesOf } from './connection.attributes.ts';
import { storeSealed, wantedBackground } from './connection.background.ts';
import { faults, type Checked } from './connection.commands.ts';
import { rejectionFailure } from './connection.failures.ts';
import { guards, malformed, type Rejection } from './connection.guards.ts';
import { cancelDiscovery, serveDiscoveryDone, startDiscovery } from './connection.discovery.ts';
import { wantedUpkeep } from './connection.keep-fresh.ts';
import { serveCallback, serveRefresh, serveVerify } from './connection.operations.ts';
import { isRestart, stateFrom } from './connection.restart.ts';
import { initialState, isFinal, type ConnectionState, type Invitation } from './connection.phases.ts';
import { ConnectionRuntime } from './connection.runtime.ts';
import { nextWake, runIsOver } from './connection.schedule.ts';

const oauthCallbackSignal = defineSignal<[unknown]>(messages.oauthCallback);
const discoveryDoneSignal = defineSignal<[unknown]>(messages.discoveryDone);
const viewQuery = defineQuery<ConnectionView>(messages.view);
const timelineQuery = defineQuery<readonly TimelineEntry[]>(messages.timeline);

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long a recovered connection that never came in waits for a new invitation to be made and completed. */
const RECOVERED_WAITS_MS = 14 * DAY_MS;

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
    : initialState(input, invitationFrom(input.invitation, 1, 'connect', now), iso(now), requestMemo());
  const isTold = carried !== undefined || workflowInfo().memo?.['view'] !== undefined;
  // Nobody has told subscribers yet that a connection was stopped.
  const published = carried && isRestart(carried) ? [] : state.timeline;
  const rt = new ConnectionRuntime(state, attributesOf(state), isTold, published);
  // Handlers run buffered messages at once, inside the call: the state stands before the first of them.
  handleMessages(rt);
  const root = CancellationScope.current();
  return CancellationScope.nonCancellable(async () => {
    root.cancelRequested.catch(() => {
      rt.cancelRequested = true;
      void rt.enqueue(() => undefined);
    });
    await resealCarried(rt);
    rt.announce();
    await live(rt);
    if (rt.cancelRequested && !isFinal(rt.state)) return await stop(rt);
    if (!isFinal(rt.state)) return await continueRun(rt, input);
    const tombstone = await end(rt);
    // Callers that asked while the end was written down are answered too.
    while (!(await rt.drained())) await rt.serveQueue();
    return tombstone;
  });
}

/** Serves messages and the clock until the connection has ended, or the run has and no caller waits for an answer. */
async function live(rt: ConnectionRuntime): Promise<void> {
  for (;;) {
    await rt.serveQueue();
    const isOver = isFinal(rt.state) || rt.cancelRequested || runIsOver(rt.run, rt.now);
    rt.keepRunning('upkeep', isOver ? undefined : wantedUpkeep(rt));
    rt.keepRunning('background', isOver ? undefined : wantedBackground(rt));
    rt.publishNews();
    const isIdle = !rt.isRunning('upkeep') && !rt.isRunning('background');
    if (isOver && isIdle) {
      if (await rt.drained()) return;
      continue;
    }
    // Once it is over, what still runs ends by itself, and its end comes through the queue.
    await rt.waitFor(isOver ? undefined : nextWake(rt.state, rt.run));
    await rt.serveQueue();
    if (!isOver && !isFinal(rt.state)) await serveClock(rt);
    rt.announce();
  }
}

async function serveClock(rt: ConnectionRuntime): Promise<void> {
  const wake = nextWake(rt.state, rt.run);
  if (wake.at > rt.now) return;
  switch (wake.due) {
    case 'invitation':
      return rt.change({ type: 'invitationLapsed' });
    case 'confirmation':
      return rt.change({
        type: 'grantFailed',
        pendingRef: pendingRefOf(rt.state),
        problem: problems.confirmationMissed,
      });
    case 'upkeep':
      return rt.change({ type: 'upkeepResumed' });
    case 'renewRun':
      return;
  }
}

/** A reply may wait in the state for days: it is sealed again in each run, so that an old key is not needed for it. */
async function resealCarried(rt: ConnectionRuntime): Promise<void> {
  const { ref, sealed } = rt.state;
  if (!sealed) return;
  const input = { connection: ref, sealed: sealed.reply };
  const reply = await untilDone.resealReply.executeWithOptions({ summary: 'Seal the reply under the newest key' }, [input]);
  rt.change({ type: 'resealed', reply });
}

/** The memo is passed whole: what a new run is not given comes back as the first run had it. */
async function continueRun(rt: ConnectionRuntime, input: ConnectionInput): Promise<never> {
  const continueAsNew = makeContinueAsNewFunc<typeof connection>({ memo: { ...workflowInfo().memo, view: rt.view } });
  return await continueAsNew(input, rt.state);
}

/**
 * An operator's Cancel stops the connection, and revokes nothing. What was under way has ended; a reply that the store
 * would not take is stored first. The workflow then ends as cancelled, so that it can be started again.
 */
async function stop(rt: ConnectionRuntime): Promise<never> {
  const { ref, sealed } = rt.state;
  if (sealed) await (await storeSealed(rt, sealed))();
  await untilDone.withdrawAccess.executeWithOptions({ summary: 'Stop handing out the credential' }, [{ connection: ref }]);
  rt.change({ type: 'stopped' });
  rt.announce();
  rt.publishNews();
  while (!(await rt.drained())) await rt.serveQueue();
  throw new CancelledFailure('The connection was stopped by an operator.');
}

async function end(rt: ConnectionRuntime): Promise<Tombstone | null> {
  const { phase, ref, account, request } = rt.state;
  if (phase.status === 'disconnected') return phase.tombstone;
  for (const pendingRef of rt.state.discards) {
    await rt.cloud.revocation.discardGrant({ connection: ref, pendingRef });
  }
  // Something may have been submitted, besides, that was never named to the workflow.
  await untilDone.destroySecrets({ connection: ref });
  const tombstone: Tombstone = {
    connection: ref,
    account,
    revocation: { outcome: 'nothing_to_revoke' },
    disconnectedAt: iso(rt.now),
    status: 'expired',
    request,
  };
  await untilDone.writeTombstone.executeWithOptions({ summary: 'Keep that it expired' }, [{ tombstone }]);
  return null;
}

function handleMessages(rt: ConnectionRuntime): void {
  setHandler(viewQuery, () => rt.view);
  setHandler(timelineQuery, () => rt.state.timeline);
  setHandler(discoveryDoneSignal, (value) => {
    void rt.enqueue(() => onSignal('discoveryDone', value, (done) => serveDiscoveryDone(rt, done)));
  });
  setHandler(oauthCallbackSignal, (value) => {
    void rt.enqueue(() => onSignal('callback', value, (callback) => serveCallback(rt, callback)));
  });

  function onSignal<K extends 'callback' | 'discoveryDone'>(
    kind: K,
    value: unknown,
    serve: (message: Checked[K]) => Promise<void>,
  ): Promise<void> | void {
    const reason = faults[kind](value);
    if (reason !== undefined) return rt.change({ type: 'messageRefused', message: kind, reason });
    if (isFinal(rt.state)) return;
    return serve(value as Checked[K]);
  }

  /** An update: its shape and the guard as its validator; the guard once more when it is served, as the state may have moved on. */
  function handle<K extends Exclude<keyof Checked, 'callback' | 'discoveryDone' | 'input'>, R>(
    name: string,
    kind: K,
    guard: (state: ConnectionState, command: Checked[K], nowMs: number, askedAtMs: number) => Rejection | undefined,
    serve: (command: Checked[K], askedAtMs: number) => Promise<R> | R,
    repeated?: () => R,
  ): void {
    const check = (command: Checked[K], askedAtMs: number): void => {
      const rejection = guard(rt.state, command, rt.now, askedAtMs);
      if (rejection) throw rejectionFailure(rejection);
    };
    const known = ({ requestId }: Command): boolean => requestId !== undefined && rt.state.requests.includes(requestId);
    setHandler(
      defineUpdate<R, [unknown]>(name),
      (value) => {
        const command = value as Checked[K];
        const askedAtMs = rt.now;
        return rt.enqueue(async () => {
          if (repeated && known(command)) return repeated();
          check(command, askedAtMs);
          const reply = await serve(command, askedAtMs);
          if (command.requestId !== undefined) rt.change({ type: 'requestServed', requestId: command.requestId });
          return reply;
        });
      },
      {
        validator: (value) => {
          const reason = faults[kind](value);
          if (reason !== undefined) throw rejectionFailure(malformed(reason));
          const command = value as Checked[K];
          if (!repeated || !known(command)) check(command, rt.now);
        },
      },
    );
  }

  const change = (event: Parameters<typeof rt.change>[0]): ConnectionView => {
    rt.change(event);
    return rt.view;
  };
  const view = (): ConnectionView => rt.view;
  const invite = (terms: InvitationTerms, purpose: Invitation['purpose'], allowDifferentAccount = false) =>
    change({
      type: 'invited',
      invitation: invitationFrom(terms, rt.state.epoch + 1, purpose, rt.now, allowDifferentAccount),
    });

  handle(messages.invite, 'invite', guards.invite, ({ invitation }) => invite(invitation, 'connect'), view);
  handle(
    messages.reauthorize,
    'reauthorize',
    guards.reauthorize,
    ({ invitation, allowDifferentAccount }) => invite(invitation, 'reauthorize', allowDifferentAccount),
    view,
  );
  handle(messages.revokeInvitation, 'command', guards.running, () =>
    rt.state.invitation ? change({ type: 'invitationRevoked' }) : view(),
  );
  handle(
    messages.submitCredentials,
    'submit',
    guards.submit,
    (command) => change(submission(rt.state, command, rt.now)),
    view,
  );
  handle(
    messages.confirm,
    'command',
    guards.confirm,
    () => change({ type: 'grantAdvanced', pendingRef: pendingRefOf(rt.state), step: 'promotion' }),
    view,
  );
  handle<'refresh', RefreshReply>(messages.refresh, 'refresh', guards.refresh, (command, askedAtMs) =>
    serveRefresh(rt, command, askedAtMs),
  );
  handle(messages.discover, 'command', guards.discover, async () => {
    await startDiscovery(rt, 'requested');
    return rt.view;
  });
  handle(messages.verify, 'command', guards.working, () => serveVerify(rt));
  handle(messages.pause, 'command', guards.pause, () => change({ type: 'paused' }), view);
  handle(messages.resume, 'command', guards.running, () => change({ type: 'resumed' }), view);
  handle(messages.recover, 'command', guards.recover, () => recover(rt), view);
  handle(messages.annotate, 'annotate', guards.alive, ({ name, tags }) =>
    change({ type: 'annotated', name: name === undefined ? rt.state.name : name, tags: tags ?? rt.state.tags }),
  );
  handle(messages.disconnect, 'command', guards.any, () => requestDisconnect(rt));
}

/** Goes on with what is stored; where nothing is, the customer must come in again. */
async function recover(rt: ConnectionRuntime): Promise<ConnectionView> {
  const input = { connection: rt.state.ref };
  const credential = await untilDone.restoreAccess.executeWithOptions({ summary: 'Hand the credential out again' }, [input]);
  rt.change({ type: 'recovered', credential, until: iso(rt.now + RECOVERED_WAITS_MS) });
  return rt.view;
}

async function requestDisconnect(rt: ConnectionRuntime): Promise<ConnectionView> {
  if (rt.state.phase.status !== 'disconnecting') {
    rt.change({ type: 'disconnectRequested' });
    await cancelDiscovery(rt);
  }
  return rt.view;
}

function invitationFrom(
  terms: InvitationTerms,
  epoch: number,
  purpose: Invitation['purpose'],
  nowMs: number,
  allowDifferentAccount = false,
): Invitation {
  const { lifetimeSeconds, passcodeRequired, confirm } = terms;
  return {
    epoch,
    expiresAt: iso(nowMs + lifetimeSeconds * 1000),
    purpose,
    passcodeRequired,
    confirm,
    allowDifferentAccount,
  };
}

function pendingRefOf({ phase }: ConnectionState): string {
  if (phase.status !== 'verifying') throw new Error('Only a grant that is being verified has a reference.');
  return phase.grant.pendingRef;
}

function submission(state: ConnectionState, { ref, deadlineSeconds }: SubmitCredentialsCommand, nowMs: number) {
  const { invitation } = state;
  if (!invitation) throw new Error('The guard lets no submission through without an invitation.');
  const { confirm, allowDifferentAccount, expiresAt } = invitation;
  return {
    type: 'grantReceived',
    stateHash: null,
    grant: {
      pendingRef: ref,
      step: 'proof',
      account: null,
      attemptsBefore: 0,
      lastProblem: null,
      deadline: deadlineSeconds === null ? expiresAt : iso(nowMs + deadlineSeconds * 1000),
      confirm,
      allowDifferentAccount,
      warnings: [],
    },
  } as const;
}

/** What the API put into the memo at the start; absent where the connection was started by hand. */
function requestMemo(): RequestMemo | null {
  const request = workflowInfo().memo?.['request'] as RequestMemo | undefined;
  return typeof request?.digest === 'string' ? request : null;
}
