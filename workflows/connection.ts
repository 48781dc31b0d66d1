import {
  CancellationScope,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  setHandler,
} from '@temporalio/workflow';
import type { ConnectionView, TimelineEntry, Tombstone } from './contracts/connection.ts';
import {
  messages,
  type AnnotateCommand,
  type Command,
  type ConnectionInput,
  type InvitationTerms,
  type InviteCommand,
  type OAuthCallback,
  type ReauthorizeCommand,
  type RefreshCommand,
  type RefreshReply,
  type SubmitCredentialsCommand,
} from './contracts/messages.ts';
import { problems } from './contracts/problem.ts';
import { untilDone } from './connection.activities.ts';
import { attributesOf } from './connection.attributes.ts';
import { wantedBackground } from './connection.background.ts';
import { rejectionFailure } from './connection.failures.ts';
import { guards, type Rejection } from './connection.guards.ts';
import { cancelDiscovery, serveDiscoveryDone, startDiscovery } from './connection.discovery.ts';
import { refresh, serveCallback, serveRefresh, serveVerify } from './connection.operations.ts';
import { initialState, isFinal, type ConnectionState, type Invitation } from './connection.phases.ts';
import { ConnectionRuntime } from './connection.runtime.ts';
import { iso, nextWake, runIsOver } from './connection.schedule.ts';
import { discoveryDoneSignal } from './discovery.ts';

const oauthCallbackSignal = defineSignal<[OAuthCallback]>(messages.oauthCallback);
const inviteUpdate = defineUpdate<ConnectionView, [InviteCommand]>(messages.invite);
const revokeInvitationUpdate = defineUpdate<ConnectionView, [Command]>(messages.revokeInvitation);
const reauthorizeUpdate = defineUpdate<ConnectionView, [ReauthorizeCommand]>(messages.reauthorize);
const submitCredentialsUpdate = defineUpdate<ConnectionView, [SubmitCredentialsCommand]>(messages.submitCredentials);
const confirmUpdate = defineUpdate<ConnectionView, [Command]>(messages.confirm);
const refreshUpdate = defineUpdate<RefreshReply, [RefreshCommand]>(messages.refresh);
const discoverUpdate = defineUpdate<ConnectionView, [Command]>(messages.discover);
const verifyUpdate = defineUpdate<ConnectionView, [Command]>(messages.verify);
const pauseUpdate = defineUpdate<ConnectionView, [Command]>(messages.pause);
const resumeUpdate = defineUpdate<ConnectionView, [Command]>(messages.resume);
const annotateUpdate = defineUpdate<ConnectionView, [AnnotateCommand]>(messages.annotate);
const disconnectUpdate = defineUpdate<ConnectionView, [Command]>(messages.disconnect);
const viewQuery = defineQuery<ConnectionView>(messages.view);
const timelineQuery = defineQuery<readonly TimelineEntry[]>(messages.timeline);

/**
 * One cloud connection, for as long as it lives. It alone may spend the connection's refresh token. `carried` is the
 * state of the run before, when this one continues it.
 */
export async function connection(input: ConnectionInput, carried?: ConnectionState): Promise<Tombstone | null> {
  const now = Date.now();
  const state = carried ?? initialState(input, invitationFrom(input.invitation, 1, 'connect', now), iso(now));
  const rt = new ConnectionRuntime(state, attributesOf(state), carried !== undefined);
  // Handlers run buffered messages at once, inside the call: the state stands before the first of them.
  handleMessages(rt);
  const root = CancellationScope.current();
  return CancellationScope.nonCancellable(async () => {
    // An operator's Cancel is a request to disconnect: it ends with the same revocation and tombstone.
    root.cancelRequested.catch(() => void rt.enqueue(() => requestDisconnect(rt)));
    await rt.announce();
    await live(rt);
    if (!isFinal(rt.state)) return continueAsNew<typeof connection>(input, rt.state);
    const tombstone = await end(rt);
    // Whoever asked while the end was written down is answered too.
    while (!(await rt.drained())) await rt.serveQueue();
    return tombstone;
  });
}

/** Serves messages and the clock until the connection has ended, or the run has and nobody waits for an answer. */
async function live(rt: ConnectionRuntime): Promise<void> {
  for (;;) {
    await rt.serveQueue();
    if (isFinal(rt.state) || runIsOver(rt.run, rt.now)) {
      await rt.stopBackground();
      if (await rt.drained()) return;
      continue;
    }
    await rt.keepRunning(wantedBackground(rt));
    await rt.waitFor(nextWake(rt.state, rt.run));
    await rt.serveQueue();
    if (!isFinal(rt.state)) await serveClock(rt);
    await rt.announce();
  }
}

async function serveClock(rt: ConnectionRuntime): Promise<void> {
  const wake = nextWake(rt.state, rt.run);
  if (wake.at > rt.now) return;
  switch (wake.due) {
    case 'refresh':
      rt.cycles += 1;
      await refresh(rt, false);
      return;
    case 'expiry':
      return rt.change({ type: 'refused', problem: problems.noRefreshToken });
    case 'invitation':
      return rt.change({ type: 'invitationLapsed' });
    case 'confirmation':
      return rt.change({
        type: 'grantFailed',
        pendingRef: pendingRefOf(rt.state),
        problem: problems.confirmationMissed,
      });
    case 'discovery':
      return await startDiscovery(rt, rt.state.discovery?.last ? 'scheduled' : 'connected');
    case 'renewRun':
      return;
  }
}

async function end(rt: ConnectionRuntime): Promise<Tombstone | null> {
  const { phase, ref } = rt.state;
  if (phase.status === 'disconnected') return phase.tombstone;
  for (const pendingRef of rt.state.discards) await untilDone.discardGrant({ connection: ref, pendingRef });
  // Something may have been submitted, besides, that nobody ever named to the workflow.
  await untilDone.destroySecrets({ connection: ref });
  return null;
}

function handleMessages(rt: ConnectionRuntime): void {
  setHandler(viewQuery, () => rt.view);
  setHandler(timelineQuery, () => rt.state.timeline);
  setHandler(discoveryDoneSignal, (done) => rt.enqueue(() => serveDiscoveryDone(rt, done)));
  setHandler(oauthCallbackSignal, (callback) => rt.enqueue(() => serveCallback(rt, callback)));

  /** An update: the guard as its validator, and once more when it is served, since the state may have moved on. */
  function handle<C extends Command, R>(
    update: ReturnType<typeof defineUpdate<R, [C]>>,
    guard: (state: ConnectionState, command: C, nowMs: number, askedAtMs: number) => Rejection | undefined,
    serve: (command: C, askedAtMs: number) => Promise<R> | R,
    repeated?: () => R,
  ): void {
    const check = (command: C, askedAtMs: number): void => {
      const rejection = guard(rt.state, command, rt.now, askedAtMs);
      if (rejection) throw rejectionFailure(rejection);
    };
    const known = ({ requestId }: C): boolean => requestId !== undefined && rt.state.requests.includes(requestId);
    const handler = (command: C): Promise<R> => {
      const askedAtMs = rt.now;
      return rt.enqueue(async () => {
        if (repeated && known(command)) return repeated();
        check(command, askedAtMs);
        const reply = await serve(command, askedAtMs);
        if (command.requestId !== undefined) rt.change({ type: 'requestServed', requestId: command.requestId });
        return reply;
      });
    };
    setHandler(update, handler, {
      validator: (command) => (repeated && known(command) ? undefined : check(command, rt.now)),
    });
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

  handle(inviteUpdate, guards.invite, ({ invitation }) => invite(invitation, 'connect'), view);
  handle(
    reauthorizeUpdate,
    guards.reauthorize,
    ({ invitation, allowDifferentAccount }) => invite(invitation, 'reauthorize', allowDifferentAccount),
    view,
  );
  handle(revokeInvitationUpdate, guards.alive, () =>
    rt.state.invitation ? change({ type: 'invitationRevoked' }) : view(),
  );
  handle(submitCredentialsUpdate, guards.submit, (command) => change(submission(rt.state, command, rt.now)), view);
  handle(
    confirmUpdate,
    guards.confirm,
    () => change({ type: 'grantAdvanced', pendingRef: pendingRefOf(rt.state), step: 'promotion' }),
    view,
  );
  handle(refreshUpdate, guards.refresh, (command, askedAtMs) => serveRefresh(rt, command, askedAtMs));
  handle(discoverUpdate, guards.discover, async () => {
    await startDiscovery(rt, 'requested');
    return rt.view;
  });
  handle(verifyUpdate, guards.working, () => serveVerify(rt));
  handle(pauseUpdate, guards.pause, () => change({ type: 'paused' }), view);
  handle(resumeUpdate, guards.alive, () => change({ type: 'resumed' }), view);
  handle(annotateUpdate, guards.alive, ({ name, tags }) =>
    change({ type: 'annotated', name: name === undefined ? rt.state.name : name, tags: tags ?? rt.state.tags }),
  );
  handle(disconnectUpdate, guards.any, () => requestDisconnect(rt));
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
