import { randomUUID } from 'node:crypto';
import { describe, expect, inject, test } from 'vitest';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import { newRecord } from '../../stores/secrets/credential-record.ts';
import { taskQueues, workflowTypes } from '../../contracts/ids.ts';
import { validationNames, type ValidationInput, type ValidationOutcome } from '../../contracts/validation.ts';
import { useWorld } from './support/world.ts';

describe.skipIf(inject('components').timeSkipping === null)('a check of submitted values', () => {
  const world = useWorld();

  async function start() {
    const id = `val_${randomUUID()}`;
    const connection = { id, tenant: 'acme', provider: 'ovh', region: 'ovh-eu', method: 'api_credentials' };
    const input: ValidationInput = { connection, pendingRef: 'submitted' };
    const handle = await world.skipping.environment.client.workflow.start(workflowTypes.validation, {
      workflowId: id,
      taskQueue: taskQueues.workflows,
      args: [input],
    });
    const keys = await world.cloud.ovh.createKeys();
    const record: JsonObject = {
      ...newRecord(connection),
      application_key: keys.applicationKey,
      application_secret: keys.applicationSecret,
      consumer_key: keys.consumerKey,
    };
    return {
      handle,
      keys,
      store: () => world.secrets.write('pending', `${id}/submitted`, new Secret(record)),
      submitted: () => handle.signal(validationNames.submitted),
      left: () => world.secrets.list('pending', `${id}/`),
      result: async () => (await handle.result()) as ValidationOutcome,
    };
  }

  test('a check of submitted values returns their account, and has destroyed the values by then', async () => {
    const look = await start();
    await look.store();
    await look.submitted();
    expect(await look.result()).toMatchObject({ outcome: 'proven', account: { id: 'la12345-ovh' } });
    expect(await look.left()).toEqual([]);
  });

  test('submitted values are checked and destroyed although the signal that they are stored never arrives', async () => {
    const look = await start();
    await look.store();
    expect(await look.result()).toMatchObject({ outcome: 'proven' });
    expect(await look.left()).toEqual([]);
  });

  test('a check of submitted values ends as refused where no values were ever stored', async () => {
    expect(await (await start()).result()).toMatchObject({ outcome: 'refused' });
  });

  test('submitted values are destroyed where the cloud is unavailable, and the check ends as unavailable', async () => {
    await world.cloud.fault({ endpoint: 'auth.time' }, { kind: 'drop_before' }, null);
    const look = await start();
    await look.store();
    await look.submitted();
    expect(await look.result()).toMatchObject({ outcome: 'unavailable', problem: { code: 'cloud_unreachable' } });
    expect(await look.left()).toEqual([]);
  });

  test('submitted values are destroyed where the check is cancelled', async () => {
    const look = await start();
    await look.store();
    await look.handle.cancel();
    await expect(look.result()).rejects.toThrow(/cancel/i);
    expect(await look.left()).toEqual([]);
  });

  test('submitted values are destroyed by a retry where the secret store fails at first', async () => {
    const look = await start();
    await look.store();
    world.secrets.fail('fails', { operation: 'destroy', gate: 'pending' });
    await look.submitted();
    expect(await look.result()).toMatchObject({ outcome: 'proven' });
    expect(await look.left()).toEqual([]);
  });
});
