import { randomUUID } from 'node:crypto';
import { discardSubmission } from '../../../../api/temporal/submissions.ts';
import { discardingWorkflowId, sweepingWorkflowId, taskQueues, workflowTypes } from '../../../../contracts/ids.ts';
import type { BulkView } from '../../../../contracts/bulk.ts';
import type { Batch } from '../../../../api/batches/schema.ts';
import { eventually } from '../../../support/eventually.ts';
import { leave, type Lives } from '../life.ts';

const connection = {
  id: 'con_recordedaaaaaaaaaaaaaaaaaaa',
  tenant: 'acme',
  provider: 'ovh',
  region: 'ovh-eu',
  method: 'api_credentials',
};

/** Workflows that are no connection's. */
export const otherWorkflows: Lives = {
  async validation(installation) {
    const { platform, cloud, client } = installation;
    const { applicationKey, applicationSecret, consumerKey } = await cloud.ovh.createKeys();
    const fields = {
      application_key: applicationKey,
      application_secret: applicationSecret,
      consumer_key: consumerKey,
    };
    for (const consumer_key of [consumerKey, 'not-a-consumer-key-of-anybody-01']) {
      const body = { endpoint: 'ovh-eu', fields: { ...fields, consumer_key } };
      await platform.call('POST', '/ovh/credentials/validate', body);
    }
    // Its caller is gone before anything was stored.
    const handle = await client.workflow.start(workflowTypes.validation, {
      workflowId: `validation/${randomUUID()}`,
      taskQueue: taskQueues.workflows,
      args: [{ connection, pendingRef: 'submitted' }],
    });
    await handle.cancel();
    await handle.result().catch(() => undefined);
    return { workflows: await installation.idsOf(workflowTypes.validation) };
  },

  /** Connected, refused, late and cancelled items; a second addition. */
  async batch({ platform, cloud }) {
    const { id, setup } = await platform.call<Batch>('POST', '/v1/batches', { provider: 'aws', region: 'aws' });
    const until = async (what: string, isTrue: (batch: Batch) => boolean | Promise<boolean>): Promise<void> =>
      void (await eventually(
        what,
        async () => await isTrue(await platform.call<Batch>('GET', `/v1/batches/${id}`)),
        60_000,
      ));
    const add = async (names: readonly string[]): Promise<void> => {
      const items = names.map((name) => ({ fields: { role_arn: `arn:aws:iam::222233334441:role/${name}` } }));
      await platform.call('POST', `/v1/batches/${id}/items`, { items });
    };
    for (const name of ['batch-one', 'batch-two', 'batch-open']) {
      const demands = { Condition: { StringEquals: { 'sts:ExternalId': setup['externalId'] } } };
      const principal = {
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111122223331:root' },
        Action: 'sts:AssumeRole',
      };
      const Statement = [{ ...principal, ...(name === 'batch-open' ? {} : demands) }];
      await cloud.putAwsRole({ name, trustPolicy: { Version: '2012-10-17', Statement } });
    }
    await add(['batch-one', 'batch-open']);
    await until('the first items to have outcomes', ({ status }) => status === 'finished');
    await add(['batch-two', ...Array.from({ length: 60 }, (_none, n) => `batch-absent-${n}`)]);
    await until('another role to be connected', ({ counts }) => counts.connected === 2);
    await platform.call('POST', `/v1/batches/${id}/cancel`);
    // What had begun goes on for 15 minutes; its connections end it sooner. A step under way may still begin some.
    const ended = new Set<string>();
    await until('the batch to end', async ({ status }) => {
      const { items } = await platform.call<{ items: readonly { connection: string | null; outcome: string }[] }>(
        'GET',
        `/v1/batches/${id}/items?limit=200`,
      );
      for (const { connection: begun, outcome } of items) {
        if (begun === null || outcome === 'cancelled' || ended.has(begun)) continue;
        await platform.call('DELETE', `/v1/connections/${begun}`);
        ended.add(begun);
      }
      return status === 'cancelled';
    });
    return { workflows: [id] };
  },

  /** Done, refused and gone; one that is cancelled. */
  async bulk(installation) {
    const { platform } = installation;
    const [one, gone] = [await installation.connect(), await installation.connect()];
    await leave(installation, gone.id);
    const start = async (body: object): Promise<string> =>
      (await platform.call<BulkView>('POST', '/v1/bulk', { connections: [one.id, gone.id], ...body })).id;
    const ended = async (id: string): Promise<string> => {
      const isOver = async () =>
        ['finished', 'cancelled'].includes((await platform.call<BulkView>('GET', `/v1/bulk/${id}`)).status);
      await eventually(`the end of ${id}`, isOver, 60_000);
      return id;
    };
    const workflows = [
      await ended(await start({ action: 'tag', tags: { add: ['recorded'] } })),
      await ended(await start({ action: 'reauthorize' })),
    ];
    const cancelled = await start({ action: 'verify' });
    await platform.call('POST', `/v1/bulk/${cancelled}/cancel`);
    return { workflows: [...workflows, await ended(cancelled)] };
  },

  async discarding({ client }) {
    const id = discardingWorkflowId(connection.id, 'unwanted');
    await discardSubmission(client, { connection, pendingRef: 'unwanted' });
    await client.workflow.getHandle(id).result();
    return { workflows: [id] };
  },

  async sweeping(installation) {
    const { client } = installation;
    const { id } = await installation.connect();
    await leave(installation, id);
    const ref = { ...connection, id, tenant: 'default', method: 'authorization_code' };
    const handle = await client.workflow.start(workflowTypes.sweeping, {
      workflowId: sweepingWorkflowId(id),
      taskQueue: taskQueues.workflows,
      args: [{ connection: ref }],
    });
    await handle.result();
    return { workflows: [handle.workflowId] };
  },
};
