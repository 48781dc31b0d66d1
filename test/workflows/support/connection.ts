import { randomBytes, randomUUID } from 'node:crypto';
import { Client, WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { calculatePKCECodeChallenge, generateRandomCodeVerifier } from 'oauth4webapi';
import type { temporal } from '@temporalio/proto';
import { initialView } from '../../../contracts/connection-view.ts';
import { startOptions } from '../../../platform/temporal/connection-start.ts';
import { liveKeys, type CredentialRecord } from '../../../stores/secrets/credential-record.ts';
import type { ConnectionStatus, ConnectionView, TimelineEntry, Tombstone } from '../../../contracts/connection.ts';
import {
  messages,
  type Command,
  type ConnectionInput,
  type InvitationTerms,
  type OAuthCallback,
  type RefreshReply,
} from '../../../contracts/messages.ts';
import { workflowTypes } from '../../../contracts/ids.ts';
import { eventually } from '../../support/eventually.ts';
import type { World } from './world.ts';

export type History = temporal.api.history.v1.IHistory;
type Verb = Exclude<keyof typeof messages, 'oauthCallback' | 'discoveryDone' | 'view' | 'timeline'>;

export interface ConnectionOptions {
  readonly tenant?: string;
  /** Faults of the sandbox can be kept to one region. */
  readonly region?: 'ovh-eu' | 'ovh-us' | 'ovh-ca';
  readonly tags?: readonly string[];
  readonly invitation?: Partial<InvitationTerms>;
}

export interface SignIn {
  readonly account?: string;
  readonly decision?: 'approve' | 'refuse';
  /** Default: of the invitation that is open. */
  readonly epoch?: number;
}

/** A connection as the API, a customer and an operator meet it. */
export interface Connection {
  readonly id: string;
  readonly handle: WorkflowHandle;
  view(): Promise<ConnectionView>;
  timeline(): Promise<readonly TimelineEntry[]>;
  /** The names of the timeline's entries. */
  events(): Promise<readonly string[]>;
  send<R = ConnectionView>(verb: Verb, command?: Omit<Command, 'tenant'> & Record<string, unknown>): Promise<R>;
  refresh(minTtlSeconds?: number | null): Promise<RefreshReply>;
  /** Makes a re-authorisation link and answers its epoch. */
  reauthorize(more?: { allowDifferentAccount?: boolean; confirm?: boolean }): Promise<number>;
  /** What a customer does at the cloud, as it arrives by signal; answered so that it can arrive again. */
  signIn(signIn?: SignIn): Promise<OAuthCallback>;
  callBack(callback: OAuthCallback): Promise<void>;
  reaches(status: ConnectionStatus): Promise<ConnectionView>;
  /** What is stored in use. */
  live(): Promise<CredentialRecord | undefined>;
  /** What is stored unproven or unconfirmed. */
  pending(): Promise<readonly string[]>;
  result(): Promise<Tombstone | null>;
  /** Every run's history, oldest first. */
  histories(): Promise<readonly History[]>;
  terminate(): Promise<void>;
}

/** What the API puts into the memo at the start. */
export const startMemo = (input: ConnectionInput, nowMs: number) => ({
  view: initialView(input, nowMs),
  request: { digest: 'a digest', invitationExpiresAt: new Date(nowMs).toISOString() },
});

const redirectUri = 'http://127.0.0.1:5000/ovh/oauth2/callback';
const terms: InvitationTerms = { lifetimeSeconds: 14 * 86_400, passcodeRequired: false, confirm: false };
const base32 = 'abcdefghijklmnopqrstuvwxyz234567';
const newId = (): string => `con_${[...randomBytes(26)].map((byte) => base32[byte % 32]).join('')}`;

export async function startConnection(world: World, options: ConnectionOptions = {}): Promise<Connection> {
  // Not the environment's own client: where that one waits for a result, ten years pass, to the server's time limit.
  const client = new Client({
    connection: world.skipping.environment.connection,
    namespace: world.skipping.namespace,
    ...world.skipping.converter,
  });
  const { tenant = 'acme', region = 'ovh-eu', tags = [], invitation } = options;
  const variables = region.toUpperCase().replace('-', '_');
  const id = newId();
  const input: ConnectionInput = {
    id,
    tenant,
    provider: 'ovh',
    region,
    method: 'authorization_code',
    name: null,
    tags,
    setup: {},
    discovery: null,
    invitation: { ...terms, ...invitation },
  };
  const labels = { providerName: 'OVHcloud', methodName: 'Sign in with OVHcloud' };
  const first = await client.workflow.start(
    workflowTypes.connection,
    startOptions(input, startMemo(input, await world.now()), labels, { name: [], account: null }),
  );
  const handle = client.workflow.getHandle(id);

  async function callbackOf({ account, decision, epoch }: SignIn): Promise<OAuthCallback> {
    await world.skipping.clock.sync();
    const verifier = generateRandomCodeVerifier();
    const url = new URL(world.environment[`${variables}_AUTHORIZE_URL`] ?? '');
    url.search = new URLSearchParams({
      client_id: world.environment[`${variables}_CLIENT_ID`] ?? '',
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'all',
      state: randomUUID(),
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }).toString();
    const { searchParams } = await world.cloud.decide(url, {
      ...(account && { account }),
      ...(decision && { decision }),
    });
    const code = searchParams.get('code');
    return {
      epoch: epoch ?? (await connection.view()).invitation?.epoch ?? 0,
      stateHash: randomUUID(),
      browserHash: 'browser',
      redirectUri,
      answer:
        code === null
          ? { kind: 'error', error: searchParams.get('error') ?? '', description: null }
          : { kind: 'code', code, sealedVerifier: world.keyRing.seal('envelope', verifier, id), iss: null },
    };
  }

  const connection: Connection = {
    id,
    handle,
    view: () => handle.query<ConnectionView>(messages.view),
    timeline: () => handle.query<readonly TimelineEntry[]>(messages.timeline),
    events: async () => (await connection.timeline()).map(({ event }) => event),
    send: (verb, command = {}) => handle.executeUpdate(verb, { args: [{ tenant, ...command }] }),
    refresh: (minTtlSeconds = null) => connection.send<RefreshReply>('refresh', { minTtlSeconds }),
    async reauthorize({ allowDifferentAccount = false, confirm = false } = {}) {
      const view = await connection.send('reauthorize', { invitation: { ...terms, confirm }, allowDifferentAccount });
      return view.invitation?.epoch ?? 0;
    },
    async signIn(signIn = {}) {
      const callback = await callbackOf(signIn);
      await connection.callBack(callback);
      return callback;
    },
    callBack: (callback) => handle.signal(messages.oauthCallback, callback),
    reaches: (status) =>
      eventually(`${status} of ${id}`, async () => {
        const view = await connection.view();
        if (view.status !== status) throw new Error(`It is ${view.status}: ${JSON.stringify(view.problem)}`);
        return view;
      }),
    live: async () =>
      (await world.secrets.read('live', liveKeys.renewal(id)))?.data.reveal() as CredentialRecord | undefined,
    pending: () => world.secrets.list('pending', `${id}/`),
    result: () => handle.result() as Promise<Tombstone | null>,
    async histories() {
      const histories: History[] = [];
      for (let runId: string | undefined = first.firstExecutionRunId; runId;) {
        const history: History = await client.workflow.getHandle(id, runId).fetchHistory();
        histories.push(history);
        runId = history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
      }
      return histories;
    },
    async terminate() {
      await comeToRest(handle);
      await handle.terminate('The test is over.').catch(() => undefined);
    },
  };
  return connection;
}

/** What an update was refused with: the stable code, and the details that the API makes a reply of. */
export async function refusal(update: Promise<unknown>): Promise<{ code: string; remedy: string; status: number }> {
  try {
    await update;
  } catch (error) {
    const cause = error instanceof WorkflowUpdateFailedError ? error.cause : error;
    if (!(cause instanceof ApplicationFailure)) throw error;
    const [details] = (cause.details ?? []) as [{ remedy: string; status: number }];
    return { code: cause.type ?? '', ...details };
  }
  throw new Error('The update was accepted.');
}

/**
 * Resolves once no activity is at its first attempt: those beyond it wait for their next one. A workflow that is
 * terminated in the middle of an attempt keeps the test server from ever skipping time again.
 */
export async function comeToRest(handle: WorkflowHandle): Promise<void> {
  const isAtRest = async (): Promise<boolean> => {
    const { raw } = await handle.describe();
    return (raw.pendingActivities ?? []).every(({ attempt }) => (attempt ?? 0) > 1);
  };
  // A query is answered after the task before it: what ended an activity has been taken in by then.
  const settle = async (): Promise<unknown> => await handle.query(messages.view).catch(() => undefined);
  for (let round = 0; round < 2; round++) {
    await settle();
    await eventually('no attempt under way', isAtRest).catch(() => undefined);
  }
  await settle();
}
