import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { onTestFinished } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import { Secret } from '../../../platform/secret.ts';
import { liveKeys, newRecord, type CredentialRecord } from '../../../stores/secrets/credential-record.ts';
import type { ConnectionView } from '../../../contracts/connection.ts';
import { taskQueues, workflowTypes } from '../../../contracts/ids.ts';
import { messages, type ConnectionInput } from '../../../contracts/messages.ts';
import { eventually } from '../../support/eventually.ts';
import { comeToRest } from './connection.ts';
import type { World } from './world.ts';

const FORTNIGHT_SECONDS = 14 * 86_400;

export interface Way {
  readonly tenant?: string;
  readonly provider: string;
  readonly region: string;
  readonly method: string;
  readonly setup?: Readonly<Record<string, string>>;
}

/** A connection whose customer submits values, as the API hands them over. */
export interface Submitting {
  readonly id: string;
  readonly handle: WorkflowHandle;
  view(): Promise<ConnectionView>;
  /** The record in use; undefined while there is none. */
  live(): Promise<JsonObject | undefined>;
  record(): Promise<CredentialRecord | undefined>;
  /** What was submitted last, as long as it is neither in use nor dropped. */
  pending(): Promise<JsonObject | undefined>;
  /** Its view, once it has that status. */
  becomes(status: ConnectionView['status']): Promise<ConnectionView>;
  submit(fields: JsonObject, deadlineSeconds?: number): Promise<void>;
  send(verb: 'disconnect' | 'reauthorize' | 'revokeInvitation', more?: object): Promise<void>;
}

export async function submitting(world: World, { tenant = 'acme', setup = {}, ...way }: Way): Promise<Submitting> {
  const { client } = world.skipping.environment;
  const id = `con_${randomUUID().replaceAll(/[^a-z2-7]/g, '')}`;
  const ref = { id, tenant, ...way };
  const invitation = { lifetimeSeconds: FORTNIGHT_SECONDS, passcodeRequired: false, confirm: false };
  const input: ConnectionInput = { ...ref, name: null, tags: [], setup, discovery: null, invitation };
  await client.workflow.start(workflowTypes.connection, {
    workflowId: id,
    taskQueue: taskQueues.workflows,
    args: [input],
  });
  const handle = client.workflow.getHandle(id);
  onTestFinished(async () => {
    await comeToRest(handle);
    await handle.terminate().catch(() => undefined);
  });
  let pendingRef = '';
  let epoch = 1;
  const view = () => handle.query<ConnectionView>(messages.view);
  return {
    id,
    handle,
    view,
    live: async () => (await world.secrets.read('live', liveKeys.renewal(id)))?.data.reveal(),
    record: async () =>
      (await world.secrets.read('live', liveKeys.renewal(id)))?.data.reveal() as CredentialRecord | undefined,
    pending: async () => (await world.secrets.read('pending', `${id}/${pendingRef}`))?.data.reveal(),
    becomes: async (status) =>
      await eventually(status, async () => {
        const found = await view();
        return found.status === status && found;
      }),
    async submit(fields, deadlineSeconds) {
      pendingRef = randomUUID();
      await world.secrets.write('pending', `${id}/${pendingRef}`, new Secret({ ...newRecord(ref), ...fields }));
      const command = { tenant, epoch, ref: pendingRef, deadlineSeconds: deadlineSeconds ?? null };
      await handle.executeUpdate(messages.submitCredentials, { args: [command] });
    },
    async send(verb, more = {}) {
      const answer = await handle.executeUpdate(messages[verb], { args: [{ tenant, ...more }] });
      epoch = (answer as ConnectionView).invitation?.epoch ?? epoch;
    },
  };
}

/** One that has submitted already. */
export async function submitted(world: World, way: Way, fields: JsonObject): Promise<Submitting> {
  const connection = await submitting(world, way);
  await connection.submit(fields);
  return connection;
}
