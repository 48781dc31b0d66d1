import { randomUUID } from 'node:crypto';
import { describe, expect, inject, test } from 'vitest';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import { newRecord } from '../../stores/secrets/credential-record.ts';
import { taskQueues, workflowTypes } from '../../contracts/ids.ts';
import { validationNames, type ValidationInput, type ValidationOutcome } from '../../contracts/validation.ts';
import { useWorld } from './support/world.ts';

describe.skipIf(inject('components').timeSkipping === null)('a look at submitted values', () => {
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

  test('answers whose they are, and has destroyed them by then', async () => {
    const look = await start();
    await look.store();
    await look.submitted();
    expect(await look.result()).toMatchObject({ outcome: 'proven', account: { id: 'la12345-ovh' } });
    expect(await look.left()).toEqual([]);
  });

  test('that nobody says are stored are looked for and destroyed all the same', async () => {
    const look = await start();
    await look.store();
    expect(await look.result()).toMatchObject({ outcome: 'proven' });
    expect(await look.left()).toEqual([]);
  });

  test('that were never stored end it by themselves', async () => {
    expect(await (await start()).result()).toMatchObject({ outcome: 'refused' });
  });

  test('that the cloud is away for are destroyed, and nothing is said about them', async () => {
    await world.cloud.fault({ endpoint: 'auth.time' }, { kind: 'drop_before' }, null);
    const look = await start();
    await look.store();
    await look.submitted();
    expect(await look.result()).toMatchObject({ outcome: 'unavailable', problem: { code: 'cloud_unreachable' } });
    expect(await look.left()).toEqual([]);
  });

  test('given up on are destroyed too', async () => {
    const look = await start();
    await look.store();
    await look.handle.cancel();
    await expect(look.result()).rejects.toThrow(/cancel/i);
    expect(await look.left()).toEqual([]);
  });

  test('are destroyed once the secret store is back, if it goes away meanwhile', async () => {
    const look = await start();
    await look.store();
    world.secrets.fail('fails', { operation: 'destroy', gate: 'pending' });
    await look.submitted();
    expect(await look.result()).toMatchObject({ outcome: 'proven' });
    expect(await look.left()).toEqual([]);
  });
});
