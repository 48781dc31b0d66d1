import { beforeEach, describe, expect, test } from 'vitest';
import { createRetireCredential } from '../../../activities/disconnect.ts';
import { createRestoreAccess, createWithdrawAccess, createWriteAbout } from '../../../activities/live-record.ts';
import { createVerifyCredential } from '../../../activities/prove-account.ts';
import { Secret } from '../../../platform/secret.ts';
import { liveKeys, revokingKey } from '../../../stores/secrets/credential-record.ts';
import { about, connection, createUpkeepWorld, DUE_MS, inActivity, type UpkeepWorld } from './upkeep-world.ts';

const { id } = connection;
let world: UpkeepWorld;
beforeEach(async () => {
  world = await createUpkeepWorld();
  await inActivity(createWriteAbout(world.deps), { about });
});

const retiring = async () => (await world.secrets.read('revoking', revokingKey(id)))?.data.reveal();

describe('retiring a credential', () => {
  const retire = () => inActivity(createRetireCredential(world.deps), { connection });

  test('retiring a credential moves the whole record to the gate "revoking", and leaves nothing in "live"', async () => {
    const before = await world.renewal();
    await retire();
    expect(await retiring()).toEqual(before);
    expect(await world.secrets.list('live', `${id}/`)).toEqual([]);
  });

  test.each([0, 1, 2, 3])(
    'retiring a credential is repeated without loss where it was killed after %i of its changes',
    async (changes) => {
      const before = await world.renewal();
      world.secrets.goesDownAfterChanges(changes);
      await expect(retire()).rejects.toMatchObject({ type: 'not_yet' });
      world.secrets.down = false;
      expect([await retiring(), await world.renewal()]).toContainEqual(before);
      await retire();
      await retire();
      expect(await retiring()).toEqual(before);
      expect(await world.secrets.list('live', `${id}/`)).toEqual([]);
    },
  );

  test('retiring a credential deletes the access record first, and a late renewal does not hand out another', async () => {
    world.secrets.goesDownAfterChanges(2);
    await expect(retire()).rejects.toMatchObject({ type: 'not_yet' });
    world.secrets.down = false;
    expect(await world.access()).toBeUndefined();
    expect(await world.renewal()).toBeDefined();
    world.pass(DUE_MS);
    expect(await world.refresh()).toMatchObject({ outcome: 'refreshed' });
    expect(await world.access()).toBeUndefined();
    // The token that this renewal issued is the one to revoke.
    await retire();
    expect(await retiring()).toMatchObject({ refresh_token: 'refresh-token-2' });
  });

  test('retiring a credential moves the token that a frozen renewal stores meanwhile, not the one before', async () => {
    world.pass(DUE_MS);
    world.cloud.script('hold');
    const frozen = world.refresh();
    const thaw = await world.cloud.held();
    world.secrets.meanwhileAfter('revoking', async () => {
      thaw();
      await frozen;
    });
    await retire();
    expect(await frozen).toMatchObject({ outcome: 'refreshed' });
    expect(await retiring()).toMatchObject({ refresh_token: 'refresh-token-2' });
    expect(await world.secrets.list('live', `${id}/`)).toEqual([]);
  });

  test('retiring a credential moves a record that another program has made unreadable as it is', async () => {
    await world.secrets.write('live', liveKeys.renewal(id), new Secret({ refresh_token: 'somewhere in here' }));
    await retire();
    expect(await retiring()).toEqual({ refresh_token: 'somewhere in here' });
  });
});

describe('a connection that was ended from outside', () => {
  const withdraw = () => inActivity(createWithdrawAccess(world.deps), { connection });
  const restore = () => inActivity(createRestoreAccess(world.deps), { connection });

  test('a connection that was ended from outside hands out nothing, and keeps what renews it', async () => {
    await withdraw();
    await withdraw();
    expect(await world.access()).toBeUndefined();
    expect(await world.renewal()).toMatchObject({ refresh_token: 'refresh-token-1' });
    expect(await world.about()).toEqual(about);
  });

  test('a recovered connection hands out exactly what it did before', async () => {
    const before = await world.access();
    await withdraw();
    expect(await restore()).toMatchObject({ v: 1, generation: 1, expiresAt: '2030-01-01T01:00:00.000Z' });
    expect(await world.access()).toEqual(before);
  });

  test('a connection is recovered by a retry where the first write timed out after it landed', async () => {
    await withdraw();
    world.secrets.fail('times_out_after_landing', { operation: 'write' });
    await expect(restore()).rejects.toMatchObject({ type: 'not_yet' });
    expect(await restore()).toMatchObject({ generation: 1 });
  });

  test('a recovered connection keeps an old access record, and the next renewal attempt updates it', async () => {
    await world.secrets.write('live', liveKeys.renewal(id), world.signedIn(2, 'killed'));
    expect(await restore()).toMatchObject({ generation: 2 });
    expect(await world.access()).toMatchObject({ mooring: { generation: 1 } });
    await world.refresh();
    expect(await world.access()).toMatchObject({ access_token: 'access-token-2', mooring: { generation: 2 } });
  });

  test('a recovered connection without a stored record hands out nothing', async () => {
    await withdraw();
    await world.secrets.destroy('live', liveKeys.renewal(id));
    expect(await restore()).toBeNull();
    expect(await world.access()).toBeUndefined();
  });
});

describe('the facts that a lost connection is restarted from', () => {
  test('a lost connection is restarted from the facts that were written last, without any secret', async () => {
    const renamed = { ...about, name: 'Acme Europe', tags: ['prod'] };
    await inActivity(createWriteAbout(world.deps), { about: renamed });
    expect(await world.about()).toEqual(renamed);
    const told = JSON.stringify(await world.about());
    expect(world.cloud.tokens.filter((token) => told.includes(token))).toEqual([]);
  });
});

describe('a record that another program has overwritten', () => {
  beforeEach(
    async () => void (await world.secrets.write('live', liveKeys.renewal(id), new Secret({ hello: 'world' }))),
  );

  test('a record that another program has overwritten is not handed out again by a recovery', async () => {
    expect(await inActivity(createRestoreAccess(world.deps), { connection })).toBeNull();
  });

  test('a verification refuses a record that another program has overwritten as unreadable', async () => {
    expect(await inActivity(createVerifyCredential(world.deps), { connection })).toMatchObject({
      outcome: 'refused',
      problem: { code: 'credential_unreadable' },
    });
  });
});
