import { WorkflowFailedError } from '@temporalio/client';
import { describe, expect, inject, test } from 'vitest';
import { liveKeys } from '../../stores/secrets/credential-record.ts';
import { refusal } from './support/connection.ts';
import { useWorld } from './support/world.ts';

const isSkipped = inject('components').timeSkipping === null;

// The test server no longer skips time once a workflow was cancelled: each of these has a server of its own.
describe.skipIf(isSkipped)('a Cancel in the Temporal UI', () => {
  const world = useWorld();

  test("an operator's Cancel stops a connection, revokes nothing and keeps the refresh token", async () => {
    const connection = await world.connect();
    await connection.handle.cancel();
    await expect(connection.result()).rejects.toThrow(WorkflowFailedError);
    expect((await connection.handle.describe()).status.name).toBe('CANCELLED');
    expect((await world.cloud.counters()).grantsRevoked).toBe(0);
    expect(await connection.live()).toMatchObject({ refresh_token: expect.any(String) as string });
    expect(await world.secrets.read('live', liveKeys.access(connection.id))).toBeUndefined();
    expect((await connection.view()).status).toBe('stopped');
  });
});

describe.skipIf(isSkipped)('a Cancel beside a sealed reply', () => {
  const world = useWorld();

  // After a Cancel the test server skips no more time: the store's retry is waited for in real seconds.
  test("an operator's Cancel waits until a sealed reply is stored", { timeout: 90_000 }, async () => {
    const connection = await world.connect();
    world.secrets.goesDownAfterWrites(1);
    expect((await refusal(connection.refresh())).code).toBe('secret_store_unavailable');
    await connection.handle.cancel();
    world.secrets.down = false;
    await world.pass({ minutes: 2 });
    await expect(connection.result()).rejects.toThrow(WorkflowFailedError);
    expect((await connection.live())?.mooring).toMatchObject({ generation: 2, spending: null });
  });
});

describe.skipIf(isSkipped)('a Cancel beside a disconnection', () => {
  const world = useWorld();

  test('an operator’s Cancel does not stop a disconnection that was accepted', async () => {
    const connection = await world.connect();
    await world.cloud.fault({ endpoint: 'revoke' }, { kind: 'hold_before' });
    await connection.send('disconnect');
    const hold = await world.cloud.waitForHold('revoke');
    await connection.handle.cancel();
    await world.cloud.release(hold);
    expect(await connection.result()).toMatchObject({ revocation: { outcome: 'revoked' } });
    expect((await connection.view()).status).toBe('disconnected');
  });
});
