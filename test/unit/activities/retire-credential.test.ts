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

  test('moves the whole record to those that are revoked, and leaves nothing that could be handed out or renewed', async () => {
    const before = await world.renewal();
    await retire();
    expect(await retiring()).toEqual(before);
    expect(await world.secrets.list('live', `${id}/`)).toEqual([]);
  });

  test.each([0, 1, 2, 3])(
    'that is killed after %i of its changes is done again, and loses nothing',
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

  test('stops what is handed out before what renews it: a renewal under way cannot hand out another', async () => {
    world.secrets.goesDownAfterChanges(2);
    await expect(retire()).rejects.toMatchObject({ type: 'not_yet' });
    world.secrets.down = false;
    expect(await world.access()).toBeUndefined();
    expect(await world.renewal()).toBeDefined();
    world.pass(DUE_MS);
    expect(await world.refresh()).toMatchObject({ outcome: 'refreshed' });
    expect(await world.access()).toBeUndefined();
    // What that renewal issued is the one to be revoked.
    await retire();
    expect(await retiring()).toMatchObject({ refresh_token: 'refresh-token-2' });
  });

  test('moves what a frozen renewal stores meanwhile: it is revoked, and not what it replaced', async () => {
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

  test('moves what another program has made unreadable as it stands: it may still hold what can be revoked', async () => {
    await world.secrets.write('live', liveKeys.renewal(id), new Secret({ refresh_token: 'somewhere in here' }));
    await retire();
    expect(await retiring()).toEqual({ refresh_token: 'somewhere in here' });
  });
});

describe('a connection that was ended from outside', () => {
  const withdraw = () => inActivity(createWithdrawAccess(world.deps), { connection });
  const restore = () => inActivity(createRestoreAccess(world.deps), { connection });

  test('hands out nothing, by construction, and keeps what renews it', async () => {
    await withdraw();
    await withdraw();
    expect(await world.access()).toBeUndefined();
    expect(await world.renewal()).toMatchObject({ refresh_token: 'refresh-token-1' });
    expect(await world.about()).toEqual(about);
  });

  test('that is recovered hands out again exactly what it did', async () => {
    const before = await world.access();
    await withdraw();
    expect(await restore()).toMatchObject({ v: 1, generation: 1, expiresAt: '2030-01-01T01:00:00.000Z' });
    expect(await world.access()).toEqual(before);
  });

  test('that is recovered by a try whose write landed unheard is recovered all the same', async () => {
    await withdraw();
    world.secrets.fail('times_out_after_landing', { operation: 'write' });
    await expect(restore()).rejects.toMatchObject({ type: 'not_yet' });
    expect(await restore()).toMatchObject({ generation: 1 });
  });

  test('that is recovered although it hands something out keeps that, and upkeep mends it', async () => {
    await world.secrets.write('live', liveKeys.renewal(id), world.signedIn(2, 'killed'));
    expect(await restore()).toMatchObject({ generation: 2 });
    expect(await world.access()).toMatchObject({ mooring: { generation: 1 } });
    await world.refresh();
    expect(await world.access()).toMatchObject({ access_token: 'access-token-2', mooring: { generation: 2 } });
  });

  test('of which nothing is stored has nothing to hand out', async () => {
    await withdraw();
    await world.secrets.destroy('live', liveKeys.renewal(id));
    expect(await restore()).toBeNull();
    expect(await world.access()).toBeUndefined();
  });
});

describe('what a lost connection is started again from', () => {
  test('is what was written last, without any secret', async () => {
    const renamed = { ...about, name: 'Acme Europe', tags: ['prod'] };
    await inActivity(createWriteAbout(world.deps), { about: renamed });
    expect(await world.about()).toEqual(renamed);
    const told = JSON.stringify(await world.about());
    expect(world.cloud.tokens.filter((token) => told.includes(token))).toEqual([]);
  });
});

describe('a record that another program has written over', () => {
  beforeEach(
    async () => void (await world.secrets.write('live', liveKeys.renewal(id), new Secret({ hello: 'world' }))),
  );

  test('hands nothing out again: the customer must come in once more', async () => {
    expect(await inActivity(createRestoreAccess(world.deps), { connection })).toBeNull();
  });

  test('is told by a verification', async () => {
    expect(await inActivity(createVerifyCredential(world.deps), { connection })).toMatchObject({
      outcome: 'refused',
      problem: { code: 'credential_unreadable' },
    });
  });
});
