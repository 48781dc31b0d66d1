import { randomUUID } from 'node:crypto';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import { newRecord } from '../../stores/secrets/credential-record.ts';
import type { ConnectionView } from '../../workflows/contracts/connection.ts';
import { taskQueues, workflowTypes } from '../../workflows/contracts/ids.ts';
import { messages, type ConnectionInput } from '../../workflows/contracts/messages.ts';
import { trusting } from '../contract/provider.aws.harness.ts';
import { eventually } from '../support/eventually.ts';
import { useWorld } from './support/world.ts';

const externalId = 'Mooring-4f9c2a';
const demanding = trusting('111122223331', { StringEquals: { 'sts:ExternalId': externalId } });
const roleArn = 'arn:aws:iam::222233334441:role/reader';
const DAY_SECONDS = 86_400;

describe.skipIf(inject('components').timeSkipping === null)('a role that is late', () => {
  const world = useWorld();

  /** A connection whose customer has submitted the role, whether AWS knows it or not. */
  async function submitted() {
    const { client } = world.skipping.environment;
    const id = `con_${randomUUID().replaceAll(/[^a-z2-7]/g, '')}`;
    const ref = { id, tenant: 'acme', provider: 'aws', region: 'aws', method: 'role' };
    const input: ConnectionInput = {
      ...ref,
      name: null,
      tags: [],
      setup: { externalId },
      discovery: null,
      invitation: { lifetimeSeconds: 14 * DAY_SECONDS, passcodeRequired: false, confirm: false },
    };
    const handle = await client.workflow.start(workflowTypes.connection, {
      workflowId: id,
      taskQueue: taskQueues.workflows,
      args: [input],
    });
    onTestFinished(async () => void (await client.workflow.getHandle(id).terminate()));
    const record = { ...newRecord(ref), role_arn: roleArn, external_id: externalId };
    await world.secrets.write('pending', `${id}/submission`, new Secret<JsonObject>(record));
    const command = { tenant: 'acme', epoch: 1, ref: 'submission', deadlineSeconds: null };
    await handle.executeUpdate(messages.submitCredentials, { args: [command] });
    const current = client.workflow.getHandle(id);
    const view = () => current.query<ConnectionView>(messages.view);
    return {
      handle: current,
      view,
      live: async () => (await world.secrets.read('live', id))?.data.reveal(),
      becomes: async (status: string) =>
        await eventually(status, async () => {
          const found = await view();
          return found.status === status && found;
        }),
    };
  }
  const triesAt = async () => (await world.cloud.counters('aws')).requests['sts.AssumeRole'] ?? 0;

  test('by 7 minutes becomes active by itself, with at most 40 tries and 30 history events', async () => {
    await world.cloud.change({ aws: { propagationSeconds: 7 * 60 } });
    await world.cloud.putAwsRole({ name: 'reader', trustPolicy: demanding });
    const connection = await submitted();
    await world.pass({ minutes: 6 });
    expect(await connection.view()).toMatchObject({ status: 'verifying' });
    expect(await connection.live()).toBeUndefined();
    await world.pass({ minutes: 2 });

    const { account, problem } = await connection.becomes('active');
    expect({ account, problem }).toEqual({ account: { id: '222233334441', displayName: 'reader' }, problem: null });
    expect(await connection.live()).toMatchObject({ role_arn: roleArn, session_token: expect.any(String) as string });
    const probes = 2;
    const tries = (await triesAt()) - probes;
    expect(tries, 'a proof that it was tried again and again').toBeGreaterThan(5);
    expect(tries).toBeLessThanOrEqual(40);
    const { events } = await connection.handle.fetchHistory();
    expect(events?.length).toBeLessThanOrEqual(30);
  });

  test('for ever is still waited for after 3 days, and everybody can see it', async () => {
    const connection = await submitted();
    await world.pass({ days: 3 });

    const { status, problem, verification } = await connection.view();
    expect({ status, step: verification?.step }).toEqual({ status: 'verifying', step: 'proof' });
    expect(problem).toMatchObject({ code: 'role_not_assumable' });
    expect(verification?.attemptsBefore).toBeGreaterThan(500);
    const { raw } = await connection.handle.describe();
    const [waiting] = raw.pendingActivities ?? [];
    expect(waiting?.activityType?.name).toBe('proveGrant');
    expect(waiting?.attempt).toBeGreaterThan(1);
    expect(waiting?.lastFailure?.message).toContain('Mooring cannot assume this role');

    await world.cloud.putAwsRole({ name: 'reader', trustPolicy: demanding });
    await world.pass({ minutes: 6 });
    await connection.becomes('active');
  });

  test('is renewed at the latest every 48 minutes once it is there, and found out when it is withdrawn', async () => {
    await world.cloud.putAwsRole({ name: 'reader', trustPolicy: demanding });
    const connection = await submitted();
    const first = await connection.becomes('active');
    const { issuedAt = '', nextRefreshAt } = first.credential ?? {};
    expect(Date.parse(nextRefreshAt ?? '') - Date.parse(issuedAt)).toBeLessThanOrEqual(48 * 60_000);
    await world.pass({ hours: 3 });
    expect((await connection.view()).credential?.generation).toBeGreaterThanOrEqual(4);

    await world.cloud.putAwsRole({ name: 'reader', trustPolicy: trusting('999988887777') });
    await world.pass({ minutes: 50 });
    expect((await connection.becomes('action_required')).problem).toMatchObject({ code: 'role_withdrawn' });
    expect(await connection.live(), 'nothing is deleted').toBeDefined();
  });

  test('and then opened to everybody is found out by the daily proof', async () => {
    await world.cloud.putAwsRole({ name: 'reader', trustPolicy: demanding });
    const connection = await submitted();
    await connection.becomes('active');
    await world.cloud.putAwsRole({ name: 'reader', trustPolicy: trusting('111122223331') });
    await world.pass({ hours: 25 });
    expect((await connection.becomes('action_required')).problem).toMatchObject({ code: 'insecure_trust_policy' });
  });
});
