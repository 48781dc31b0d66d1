import { defaultPayloadConverter } from '@temporalio/common';
import { WorkflowFailedError } from '@temporalio/client';
import { describe, expect, inject, test } from 'vitest';
import { Secret } from '../../platform/secret.ts';
import type { ConnectionActivities } from '../../contracts/activities.ts';
import { liveKeys, type CredentialRecord } from '../../stores/secrets/credential-record.ts';
import { useDevServer } from '../support/dev-server.ts';
import { eventually } from '../support/eventually.ts';
import { eventsOf } from './support/history.ts';
import { upkeepOf } from './support/pending.ts';
import type { Connection } from './support/connection.ts';
import { useWorld, type World } from './support/world.ts';

const isSkipped = inject('components').temporal === null;

/** A connection whose attempt to renew has spent the token, and waits for the cloud's reply. */
async function heldAttempt(world: World): Promise<{ connection: Connection; release: () => Promise<void> }> {
  const connection = await world.connect();
  await eventually('the loop', async () => (await upkeepOf(world, connection)).attempt > 1);
  await world.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'hold_after' });
  await makeDue(world, connection);
  const hold = await world.cloud.waitForHold('token.refresh');
  return { connection, release: () => world.cloud.release(hold) };
}

/** Upkeep reads when a renewal is due from the record; "try now" makes it look at once. */
async function makeDue(world: World, connection: Connection): Promise<void> {
  const key = liveKeys.renewal(connection.id);
  const stored = await world.secrets.read('live', key);
  if (!stored) throw new Error('A connected connection has a record.');
  const record = stored.data.reveal() as CredentialRecord;
  const due = new Secret({ ...record, mooring: { ...record.mooring, next_refresh_at_ms: 1 } });
  await world.secrets.write('live', key, due, { cas: stored.version });
  const { workflowService } = world.skipping.environment.connection;
  const execution = { workflowId: connection.id };
  const id = (await pendingOf(connection, 'keepFresh'))?.activityId ?? '';
  const { namespace } = world.skipping;
  await workflowService.resetActivity({ namespace, execution, id, identity: 'operator' });
}

async function pendingOf({ handle }: Pick<Connection, 'handle'>, name: keyof ConnectionActivities) {
  const { raw } = await handle.describe();
  return raw.pendingActivities?.find(({ activityType }) => activityType?.name === name);
}

const generation = async (connection: Connection) => (await connection.live())?.mooring.generation;

describe.skipIf(isSkipped)('beside an attempt of upkeep that is under way', () => {
  const world = useWorld(useDevServer);

  test('a pause during an attempt of upkeep is answered at once, and what the attempt renewed is kept', async () => {
    const { connection, release } = await heldAttempt(world);
    expect((await connection.send('pause')).status).toBe('paused');
    await release();
    await eventually('its facts', async () => (await connection.view()).credential?.generation === 2);
    expect(await generation(connection)).toBe(2);
    expect((await connection.view()).status).toBe('paused');
    expect((await world.cloud.counters()).refreshTokensSpentTwice).toBe(0);
  });

  test('a requested refresh joins the attempt of upkeep that is under way, and spends no second token', async () => {
    const { connection, release } = await heldAttempt(world);
    const asked = connection.refresh();
    // Otherwise the attempt may end before the request arrives, which then starts a refresh of its own.
    await eventually('the refresh', async () => (await pendingOf(connection, 'refreshCredential')) !== undefined);
    await release();
    expect(await asked).toMatchObject({ spent: false, credential: { generation: 2 } });
    expect(await world.cloud.counters()).toMatchObject({ refreshTokensSpent: 1, refreshTokensSpentTwice: 0 });
  });

  test('a disconnect during an attempt of upkeep is answered at once, and revokes the tokens that the attempt got', async () => {
    const { connection, release } = await heldAttempt(world);
    expect((await connection.send('disconnect')).status).toBe('disconnecting');
    await release();
    expect((await connection.result())?.revocation.outcome).toBe('revoked');
    expect(await world.secrets.list('live', `${connection.id}/`)).toEqual([]);
    expect(await world.secrets.list('revoking', `${connection.id}/`)).toEqual([]);
    const { refreshToken = [] } = await world.cloud.issued();
    expect(refreshToken.length).toBe(2);
    expect((await world.cloud.counters()).grantsRevoked).toBe(1);
  });

  test('a long run is continued once the attempt of upkeep has ended, and what the attempt renewed is kept', async () => {
    const { connection, release } = await heldAttempt(world);
    for (let batch = 1; batch <= 12; batch++) {
      await Promise.all([1, 2, 3, 4].map((each) => connection.send('annotate', { name: `request ${batch}.${each}` })));
    }
    await release();
    await eventually('another run', async () => (await connection.histories()).length > 1);
    await eventually('upkeep in it', async () => (await upkeepOf(world, connection)).attempt > 1);
    expect(await generation(connection)).toBe(2);
    expect(await world.cloud.counters()).toMatchObject({ refreshTokensSpent: 1, refreshTokensSpentTwice: 0 });
  });

  test('a re-authorisation during an attempt of upkeep is not overwritten by the late reply for the old grant', async () => {
    const { connection, release } = await heldAttempt(world);
    await connection.reauthorize();
    await world.cloud.clearFaults();
    await connection.signIn();
    await eventually('the new grant', async () => (await generation(connection)) === 2);
    const stored = (await connection.live())?.['refresh_token'];
    await release();
    await connection.reaches('active');
    expect((await connection.live())?.['refresh_token']).toBe(stored);
  });

  test('a disconnect also revokes the tokens of a reply that the secret store could not take', async () => {
    const { connection, release } = await heldAttempt(world);
    world.secrets.down = true;
    expect((await connection.send('disconnect')).status).toBe('disconnecting');
    const released = release();
    await eventually('the sealed reply', async () => !scheduledUpkeep(await upkeepOf(world, connection)));
    world.secrets.down = false;
    await released;
    expect((await connection.result())?.revocation.outcome).toBe('revoked');
    // Both pairs: the stored one, spent as it is, and the sealed one.
    expect((await world.cloud.counters()).requests['revoke']).toBe(4);
  });

  test('a result of upkeep that no worker returned is recorded, and upkeep waits a minute before it starts again', async () => {
    const connection = await world.connect();
    await eventually('the loop', async () => (await upkeepOf(world, connection)).attempt > 1);
    await completeUpkeep(world, connection, { hello: 'world' });
    await eventually('the record of it', async () => (await connection.events()).includes('upkeep_interrupted'));
    // It starts again a minute later; a pause and a resume start it at once.
    const [timer] = (await connection.histories()).flatMap(eventsOf).flatMap((event) => {
      const wait = event.timerStartedEventAttributes?.startToFireTimeout?.seconds;
      return wait === undefined || wait === null || Number(wait) > 120 ? [] : [Number(wait)];
    });
    expect(timer).toBeGreaterThan(50);
  });

  test("an operator's Cancel waits for the reply of an attempt and stores it before the workflow ends", async () => {
    const { connection, release } = await heldAttempt(world);
    world.secrets.down = true;
    await connection.handle.cancel();
    const released = release();
    await eventually('the sealed reply', async () => !scheduledUpkeep(await upkeepOf(world, connection)));
    world.secrets.down = false;
    await released;
    await expect(connection.result()).rejects.toThrow(WorkflowFailedError);
    expect((await connection.live())?.mooring).toMatchObject({ generation: 2, spending: null });
    const { refreshToken = [] } = await world.cloud.issued();
    expect((await connection.live())?.['refresh_token']).toBe(refreshToken.at(-1));
  });
});

const scheduledUpkeep = ({ attempt }: { readonly attempt: number }): boolean => attempt > 0;

/** What an operator can do with `temporal activity complete`. */
async function completeUpkeep(world: World, connection: Connection, result: unknown): Promise<void> {
  const payloads = [defaultPayloadConverter.toPayload(result)].filter((payload) => payload !== undefined);
  await world.skipping.environment.connection.workflowService.respondActivityTaskCompletedById({
    namespace: world.skipping.namespace,
    workflowId: connection.id,
    activityId: (await pendingOf(connection, 'keepFresh'))?.activityId ?? '',
    result: { payloads },
  });
}
