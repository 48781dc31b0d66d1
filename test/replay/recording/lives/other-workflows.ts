import { randomUUID } from 'node:crypto';
import { discardSubmission } from '../../../../api/temporal/submissions.ts';
import { discardingWorkflowId, sweepingWorkflowId, taskQueues, workflowTypes } from '../../../../contracts/ids.ts';
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
