import { randomUUID } from 'node:crypto';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import { newRecord } from '../../stores/secrets/credential-record.ts';
import type { ConnectionView } from '../../workflows/contracts/connection.ts';
import { taskQueues, workflowTypes } from '../../workflows/contracts/ids.ts';
import { messages, type ConnectionInput } from '../../workflows/contracts/messages.ts';
import { eventually } from '../support/eventually.ts';
import { useWorld } from './support/world.ts';

const DAY_SECONDS = 86_400;

describe.skipIf(inject('components').timeSkipping === null)('what is made out of a submission', () => {
  const world = useWorld();

  async function submitted(method: string, fields: JsonObject) {
    const { client } = world.skipping.environment;
    const id = `con_${randomUUID().replaceAll(/[^a-z2-7]/g, '')}`;
    const ref = { id, tenant: 'acme', provider: 'ovh', region: 'ovh-eu', method };
    const input: ConnectionInput = {
      ...ref,
      name: null,
      tags: [],
      setup: {},
      discovery: null,
      invitation: { lifetimeSeconds: 14 * DAY_SECONDS, passcodeRequired: false, confirm: false },
    };
    const options = { workflowId: id, taskQueue: taskQueues.workflows, args: [input] };
    const handle = await client.workflow.start(workflowTypes.connection, options);
    const current = client.workflow.getHandle(id);
    onTestFinished(async () => {
      await current.terminate().catch(() => undefined);
    });
    await world.secrets.write('pending', `${id}/submission`, new Secret({ ...newRecord(ref), ...fields }));
    const command = { tenant: 'acme', epoch: 1, ref: 'submission', deadlineSeconds: null };
    await handle.executeUpdate(messages.submitCredentials, { args: [command] });
    const view = () => current.query<ConnectionView>(messages.view);
    return {
      handle: current,
      view,
      pending: async () => (await world.secrets.read('pending', `${id}/submission`))?.data.reveal(),
      live: async () => (await world.secrets.read('live', id))?.data.reveal(),
      becomes: async (status: string) =>
        await eventually(status, async () => {
          const found = await view();
          return found.status === status && found;
        }),
    };
  }
  const keys = async () => {
    const { applicationKey, applicationSecret, consumerKey } = await world.cloud.ovh.createKeys();
    return { application_key: applicationKey, application_secret: applicationSecret, consumer_key: consumerKey };
  };

  test('a consumer key that is approved hours later makes the connection active by itself', async () => {
    const { consumer_key: _, ...fields } = await keys();
    const connection = await submitted('api_credentials', fields);
    const link = await eventually(
      'a key to have been asked for',
      async () => (await connection.pending())?.['validation_url'],
    );
    await world.pass({ hours: 3 });
    const waiting = await connection.view();
    expect(waiting.status).toBe('verifying');
    expect(waiting.verification?.lastProblem).toMatchObject({ code: 'consumer_key_unapproved', link });
    await world.cloud.ovh.decideConsumerKey(link as string);
    await world.pass({ minutes: 6 });
    expect((await connection.becomes('active')).account).toMatchObject({ id: 'la12345-ovh' });
    expect((await world.cloud.counters()).requests['auth.credential'], 'one key was asked for').toBe(1);
  });

  test('a service account leaves nothing of the keys that made it, and its end says what stays', async () => {
    const maker = await keys();
    const [project] = await world.cloud.ovh.projects();
    const connection = await submitted('client_credentials', {
      ...maker,
      project_ids: project?.id ?? '',
      access: 'read',
    });
    await connection.becomes('active');
    const live = await connection.live();
    expect(live).toMatchObject({ client_id: expect.any(String) as string, access_token: expect.any(String) as string });
    for (const secret of Object.values(maker)) expect(JSON.stringify(live)).not.toContain(secret);
    expect(await connection.pending()).toBeUndefined();

    await connection.handle.executeUpdate(messages.disconnect, { args: [{ tenant: 'acme' }] });
    const { tombstone } = await connection.becomes('disconnected');
    expect(tombstone?.revocation).toMatchObject({ outcome: 'unsupported' });
    expect(JSON.stringify(tombstone)).toContain(`DELETE /me/api/oauth2/client/${live?.['client_id'] as string}`);
  });
});
