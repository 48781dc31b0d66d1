import { describe, expect, inject, test } from 'vitest';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import { newRecord } from '../../stores/secrets/credential-record.ts';
import { discardingWorkflowId, taskQueues, workflowTypes } from '../../contracts/ids.ts';
import { useWorld } from './support/world.ts';

const connection = {
  id: 'con_discardedaaaaaaaaaaaaaaaaaa',
  tenant: 'acme',
  provider: 'ovh',
  region: 'ovh-eu',
  method: 'api_credentials',
};

describe.skipIf(inject('components').timeSkipping === null)('a submission that a connection refused', () => {
  const world = useWorld();

  test('a refused submission is destroyed once the secret store answers, and its keys are not revoked at the cloud', async () => {
    const keys = await world.cloud.ovh.createKeys();
    const fields = {
      application_key: keys.applicationKey,
      application_secret: keys.applicationSecret,
      consumer_key: keys.consumerKey,
    };
    const key = `${connection.id}/ref`;
    await world.secrets.write('pending', key, new Secret<JsonObject>({ ...newRecord(connection), ...fields }));
    world.secrets.fail('fails', { operation: 'destroy' });
    const { client } = world.skipping.environment;
    await client.workflow.execute(workflowTypes.discarding, {
      workflowId: discardingWorkflowId(connection.id, 'ref'),
      taskQueue: taskQueues.workflows,
      args: [{ connection, pendingRef: 'ref' }],
    });
    expect(await world.secrets.read('pending', key)).toBeUndefined();
    expect((await world.cloud.counters()).requests['auth.logout'] ?? 0).toBe(0);
  });
});
