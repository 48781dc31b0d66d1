import { defineQuery, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import type { Actor } from '../../contracts/actor.ts';
import type { ConnectionView } from '../../contracts/connection.ts';
import {
  messages,
  type Command,
  type CommandOf,
  type ConnectionQueries,
  type ConnectionSignals,
  type InvitationTerms,
  type InviteCommand,
  type ReplyOf,
  type SignalName,
  type SubmitCredentialsCommand,
  type UpdateName,
} from '../../contracts/messages.ts';
import { iso } from '../../contracts/time.ts';
import { untilDone } from './activities.ts';
import { faults } from './commands.ts';
import { cancelDiscovery, serveDiscoveryDone, startDiscovery } from './discovery.ts';
import { rejectionFailure } from './failures.ts';
import { guards, malformed, type Rejection } from './guards.ts';
import { serveRefresh, serveVerify } from './operations.ts';
import { serveCallback } from './sign-in.ts';
import { isFinal, type ConnectionState, type Invitation } from './phases.ts';
import type { ConnectionRuntime } from './runtime.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long a recovered connection that never came in waits for a new invitation to be made and completed. */
const RECOVERED_WAITS_MS = 14 * DAY_MS;

/** How one update is handled. */
interface UpdateHandler<N extends UpdateName> {
  /** Why the command cannot be served in this state; undefined = it can. */
  readonly guard: (
    state: ConnectionState,
    command: CommandOf<N>,
    nowMs: number,
    askedAtMs: number,
  ) => Rejection | undefined;
  readonly serve: (command: CommandOf<N>, askedAtMs: number) => Promise<ReplyOf<N>> | ReplyOf<N>;
  /** The answer to a request that was served before. Absent where it is served again. */
  readonly repeated?: () => ReplyOf<N>;
}

/** Answers every message of a connection. A handler puts what it asks for on the queue and acts on nothing itself. */
export function handleMessages(runtime: ConnectionRuntime): void {
  setHandler(defineQuery<ConnectionQueries['view']>(messages.view), () => runtime.view);
  setHandler(defineQuery<ConnectionQueries['timeline']>(messages.timeline), () => runtime.state.timeline);
  handleSignal(runtime, 'discoveryDone', 'discoveryDone', (done) => serveDiscoveryDone(runtime, done));
  handleSignal(runtime, 'oauthCallback', 'callback', (callback) => serveCallback(runtime, callback));
  handleSignal(runtime, 'lockInvitation', 'lockInvitation', ({ epoch }) =>
    runtime.change({ type: 'invitationLocked', epoch }),
  );
  const handlers = updateHandlers(runtime);
  const handle = <N extends UpdateName>(name: N): void => handleUpdate(runtime, name, handlers[name]);
  // Updates that came before their handler are served when it is set: the order of the handlers is part of the history.
  for (const name of Object.keys(handlers) as UpdateName[]) handle(name);
}

/** `called`: what the timeline calls the signal where it was refused. */
function handleSignal<N extends SignalName>(
  runtime: ConnectionRuntime,
  name: N,
  called: string,
  serve: (message: ConnectionSignals[N]) => Promise<void> | void,
): void {
  const receive = (value: unknown): Promise<void> | void => {
    const reason = faults[name](value);
    if (reason !== undefined) return runtime.change({ type: 'messageRefused', message: called, reason });
    if (isFinal(runtime.state)) return;
    return serve(value as ConnectionSignals[N]);
  };
  setHandler(defineSignal<[unknown]>(messages[name]), (value) => {
    void runtime.enqueue(() => receive(value));
  });
}

/** An update: its shape and the guard as its validator; the guard once more when it is served, as the state may have moved on. */
function handleUpdate<N extends UpdateName>(
  runtime: ConnectionRuntime,
  name: N,
  { guard, serve, repeated }: UpdateHandler<N>,
): void {
  const check = (command: CommandOf<N>, askedAtMs: number): void => {
    const rejection = guard(runtime.state, command, runtime.now, askedAtMs);
    if (rejection) throw rejectionFailure(rejection);
  };
  const known = ({ requestId }: Command): boolean =>
    requestId !== undefined && runtime.state.requests.includes(requestId);
  setHandler(
    defineUpdate<ReplyOf<N>, [unknown]>(messages[name]),
    (value) => {
      const command = value as CommandOf<N>;
      const askedAtMs = runtime.now;
      return runtime.enqueue(async () => {
        if (repeated && known(command)) return repeated();
        check(command, askedAtMs);
        const reply = await serve(command, askedAtMs);
        if (command.requestId !== undefined) runtime.change({ type: 'requestServed', requestId: command.requestId });
        return reply;
      });
    },
    {
      validator: (value) => {
        const reason = faults[name](value);
        if (reason !== undefined) throw rejectionFailure(malformed(reason));
        const command = value as CommandOf<N>;
        if (!repeated || !known(command)) check(command, runtime.now);
      },
    },
  );
}

function updateHandlers(runtime: ConnectionRuntime): { readonly [N in UpdateName]: UpdateHandler<N> } {
  const change = (event: Parameters<typeof runtime.change>[0], by: Actor | undefined): ConnectionView => {
    runtime.change(event, by);
    return runtime.view;
  };
  const view = (): ConnectionView => runtime.view;
  const invite = (
    { invitation: terms, by }: InviteCommand,
    purpose: Invitation['purpose'],
    allowDifferentAccount = false,
  ): ConnectionView => {
    const epoch = runtime.state.epoch + 1;
    const invitation = invitationFrom(terms, epoch, purpose, runtime.now, allowDifferentAccount);
    return change({ type: 'invited', invitation }, by);
  };

  return {
    invite: { guard: guards.invite, serve: (command) => invite(command, 'connect'), repeated: view },
    reauthorize: {
      guard: guards.reauthorize,
      serve: (command) => invite(command, 'reauthorize', command.allowDifferentAccount),
      repeated: view,
    },
    revokeInvitation: {
      guard: guards.running,
      serve: ({ by }) => (runtime.state.invitation ? change({ type: 'invitationRevoked' }, by) : view()),
    },
    submitCredentials: {
      guard: guards.submit,
      serve: (command) => change(submission(runtime.state, command, runtime.now), command.by),
      repeated: view,
    },
    confirm: {
      guard: guards.confirm,
      serve: ({ by }) =>
        change({ type: 'grantAdvanced', pendingRef: pendingRefOf(runtime.state), step: 'promotion' }, by),
      repeated: view,
    },
    refresh: { guard: guards.refresh, serve: (command, askedAtMs) => serveRefresh(runtime, command, askedAtMs) },
    discover: {
      guard: guards.discover,
      serve: async () => {
        await startDiscovery(runtime, 'requested');
        return runtime.view;
      },
    },
    verify: { guard: guards.working, serve: (command) => serveVerify(runtime, command) },
    pause: { guard: guards.pause, serve: ({ by }) => change({ type: 'paused' }, by), repeated: view },
    resume: { guard: guards.running, serve: ({ by }) => change({ type: 'resumed' }, by), repeated: view },
    recover: { guard: guards.recover, serve: ({ by }) => recover(runtime, by), repeated: view },
    annotate: {
      guard: guards.alive,
      serve: ({ name, nameDigests = [], tags, by }) =>
        change(
          {
            type: 'annotated',
            name: name === undefined ? runtime.state.name : name,
            tags: tags ?? runtime.state.tags,
            ...(name !== undefined && name !== runtime.state.name && { nameDigests }),
          },
          by,
        ),
    },
    disconnect: { guard: guards.any, serve: ({ by }) => requestDisconnect(runtime, by) },
  };
}

/** Goes on with what is stored; where nothing is, the customer must come in again. */
async function recover(runtime: ConnectionRuntime, by: Actor | undefined): Promise<ConnectionView> {
  const input = { connection: runtime.state.ref };
  const credential = await untilDone.restoreAccess.executeWithOptions({ summary: 'Hand the credential out again' }, [
    input,
  ]);
  runtime.change({ type: 'recovered', credential, until: iso(runtime.now + RECOVERED_WAITS_MS) }, by);
  return runtime.view;
}

async function requestDisconnect(runtime: ConnectionRuntime, by: Actor | undefined): Promise<ConnectionView> {
  if (runtime.state.phase.status !== 'disconnecting') {
    runtime.change({ type: 'disconnectRequested' }, by);
    await cancelDiscovery(runtime);
  }
  return runtime.view;
}

export function invitationFrom(
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

export function pendingRefOf({ phase }: ConnectionState): string {
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
