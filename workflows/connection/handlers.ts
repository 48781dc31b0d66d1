import { defineQuery, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import type { ConnectionView, TimelineEntry } from '../../contracts/connection.ts';
import {
  messages,
  type Command,
  type InvitationTerms,
  type RefreshReply,
  type SubmitCredentialsCommand,
} from '../../contracts/messages.ts';
import { iso } from '../../contracts/time.ts';
import { untilDone } from './activities.ts';
import { faults, type Checked } from './commands.ts';
import { cancelDiscovery, serveDiscoveryDone, startDiscovery } from './discovery.ts';
import { rejectionFailure } from './failures.ts';
import { guards, malformed, type Rejection } from './guards.ts';
import { serveCallback, serveRefresh, serveVerify } from './operations.ts';
import { isFinal, type ConnectionState, type Invitation } from './phases.ts';
import type { ConnectionRuntime } from './runtime.ts';

const oauthCallbackSignal = defineSignal<[unknown]>(messages.oauthCallback);
const discoveryDoneSignal = defineSignal<[unknown]>(messages.discoveryDone);
const viewQuery = defineQuery<ConnectionView>(messages.view);
const timelineQuery = defineQuery<readonly TimelineEntry[]>(messages.timeline);

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long a recovered connection that never came in waits for a new invitation to be made and completed. */
const RECOVERED_WAITS_MS = 14 * DAY_MS;

/** Answers every message of a connection. A handler puts what it asks for on the queue and acts on nothing itself. */
export function handleMessages(runtime: ConnectionRuntime): void {
  setHandler(viewQuery, () => runtime.view);
  setHandler(timelineQuery, () => runtime.state.timeline);
  setHandler(discoveryDoneSignal, (value) => {
    void runtime.enqueue(() => onSignal('discoveryDone', value, (done) => serveDiscoveryDone(runtime, done)));
  });
  setHandler(oauthCallbackSignal, (value) => {
    void runtime.enqueue(() => onSignal('callback', value, (callback) => serveCallback(runtime, callback)));
  });

  function onSignal<K extends 'callback' | 'discoveryDone'>(
    kind: K,
    value: unknown,
    serve: (message: Checked[K]) => Promise<void>,
  ): Promise<void> | void {
    const reason = faults[kind](value);
    if (reason !== undefined) return runtime.change({ type: 'messageRefused', message: kind, reason });
    if (isFinal(runtime.state)) return;
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
      const rejection = guard(runtime.state, command, runtime.now, askedAtMs);
      if (rejection) throw rejectionFailure(rejection);
    };
    const known = ({ requestId }: Command): boolean =>
      requestId !== undefined && runtime.state.requests.includes(requestId);
    setHandler(
      defineUpdate<R, [unknown]>(name),
      (value) => {
        const command = value as Checked[K];
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
          const reason = faults[kind](value);
          if (reason !== undefined) throw rejectionFailure(malformed(reason));
          const command = value as Checked[K];
          if (!repeated || !known(command)) check(command, runtime.now);
        },
      },
    );
  }

  const change = (event: Parameters<typeof runtime.change>[0]): ConnectionView => {
    runtime.change(event);
    return runtime.view;
  };
  const view = (): ConnectionView => runtime.view;
  const invite = (terms: InvitationTerms, purpose: Invitation['purpose'], allowDifferentAccount = false) =>
    change({
      type: 'invited',
      invitation: invitationFrom(terms, runtime.state.epoch + 1, purpose, runtime.now, allowDifferentAccount),
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
    runtime.state.invitation ? change({ type: 'invitationRevoked' }) : view(),
  );
  handle(
    messages.submitCredentials,
    'submit',
    guards.submit,
    (command) => change(submission(runtime.state, command, runtime.now)),
    view,
  );
  handle(
    messages.confirm,
    'command',
    guards.confirm,
    () => change({ type: 'grantAdvanced', pendingRef: pendingRefOf(runtime.state), step: 'promotion' }),
    view,
  );
  handle<'refresh', RefreshReply>(messages.refresh, 'refresh', guards.refresh, (command, askedAtMs) =>
    serveRefresh(runtime, command, askedAtMs),
  );
  handle(messages.discover, 'command', guards.discover, async () => {
    await startDiscovery(runtime, 'requested');
    return runtime.view;
  });
  handle(messages.verify, 'command', guards.working, () => serveVerify(runtime));
  handle(messages.pause, 'command', guards.pause, () => change({ type: 'paused' }), view);
  handle(messages.resume, 'command', guards.running, () => change({ type: 'resumed' }), view);
  handle(messages.recover, 'command', guards.recover, () => recover(runtime), view);
  handle(messages.annotate, 'annotate', guards.alive, ({ name, tags }) =>
    change({
      type: 'annotated',
      name: name === undefined ? runtime.state.name : name,
      tags: tags ?? runtime.state.tags,
    }),
  );
  handle(messages.disconnect, 'command', guards.any, () => requestDisconnect(runtime));
}

/** Goes on with what is stored; where nothing is, the customer must come in again. */
async function recover(runtime: ConnectionRuntime): Promise<ConnectionView> {
  const input = { connection: runtime.state.ref };
  const credential = await untilDone.restoreAccess.executeWithOptions({ summary: 'Hand the credential out again' }, [
    input,
  ]);
  runtime.change({ type: 'recovered', credential, until: iso(runtime.now + RECOVERED_WAITS_MS) });
  return runtime.view;
}

async function requestDisconnect(runtime: ConnectionRuntime): Promise<ConnectionView> {
  if (runtime.state.phase.status !== 'disconnecting') {
    runtime.change({ type: 'disconnectRequested' });
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
