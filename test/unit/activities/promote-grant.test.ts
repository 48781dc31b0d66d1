import { beforeEach, describe, expect, test } from 'vitest';
import { takeClaim } from '../../../activities/claims.ts';
import { createPromoteGrant } from '../../../activities/promote-grant.ts';
import { projection, readRecord } from '../../../activities/records.ts';
import { Secret } from '../../../platform/secret.ts';
import { liveKeys, type CredentialRecord } from '../../../stores/secrets/credential-record.ts';
import { about, bornAt, connection, createUpkeepWorld, DUE_MS, inActivity, type UpkeepWorld } from './upkeep-world.ts';

const pendingRef = 'second';
const { id } = connection;
const key = `${id}/${pendingRef}`;

let world: UpkeepWorld;
beforeEach(async () => {
  world = await createUpkeepWorld();
  world.pass(DUE_MS);
  await submit({});
});

/** A grant that was proven at this moment; `mooring` changes its bookkeeping. */
async function submit(mooring: Partial<CredentialRecord['mooring']>): Promise<void> {
  const record = world.signedIn(1, 'sign-in', { nextRefreshAtMs: null }).reveal();
  const changed = { ...record, mooring: { ...record.mooring, ...mooring } } as CredentialRecord;
  await world.secrets.write('pending', key, new Secret(changed));
}

const decide = () => inActivity(createPromoteGrant(world.deps), { connection, pendingRef, about });
const promote = async () => {
  const outcome = await decide();
  if (outcome.outcome === 'refused') expect.fail(`It was refused: ${outcome.problem.code}`);
  return outcome.credential;
};
const pending = async () => await world.secrets.read('pending', key);

async function expectPromoted(generation: number): Promise<void> {
  expect(await world.renewal()).toMatchObject({
    refresh_token: 'refresh-token-2',
    mooring: { generation, attempt_id: `promotion:${pendingRef}`, spending: null, refusals: 0 },
  });
  expect(await world.access()).toMatchObject({ access_token: 'access-token-2', mooring: { generation } });
  expect(await world.about()).toEqual(about);
  expect(await pending()).toBeUndefined();
}

describe('promoting a grant', () => {
  test('puts it to use: the record, what is handed out, and what a lost connection is started again from', async () => {
    expect(await promote()).toEqual({
      v: 1,
      generation: 2,
      issuedAt: '2030-01-01T00:48:00.000Z',
      expiresAt: '2030-01-01T01:48:00.000Z',
      nextRefreshAt: '2030-01-01T01:36:00.000Z',
      renewable: true,
      scopes: ['all'],
    });
    await expectPromoted(2);
  });

  test('for the first time begins at generation 1, and makes what is handed out', async () => {
    for (const name of [liveKeys.renewal(id), liveKeys.access(id)]) await world.secrets.destroy('live', name);
    expect(await promote()).toMatchObject({ generation: 1 });
    await expectPromoted(1);
  });

  test('is done once however often it runs', async () => {
    for (let run = 0; run < 3; run++) expect(await promote()).toMatchObject({ generation: 2 });
    await expectPromoted(2);
  });

  test.each([0, 1, 2, 3])('that is killed after %i of its changes is simply done again', async (changes) => {
    world.secrets.goesDownAfterChanges(changes);
    await expect(promote()).rejects.toMatchObject({ type: 'not_yet' });
    world.secrets.down = false;
    expect(await promote()).toMatchObject({ generation: 2 });
    await expectPromoted(2);
  });

  test.each([
    ['renewal', 0],
    // Its first write is refused, as there is one already; the second goes over that.
    ['access', 1],
    ['about', 0],
  ] as const)(
    'whose write of live/{id}/%s landed unheard is done again, and makes no further generation',
    async (name, after) => {
      world.secrets.fail('times_out_after_landing', { operation: 'write', key: liveKeys[name](id), after });
      await expect(promote()).rejects.toMatchObject({ type: 'not_yet' });
      expect(await promote()).toMatchObject({ generation: 2 });
      await expectPromoted(2);
    },
  );

  test('is how a connection comes back whose record another program has made unreadable', async () => {
    await world.secrets.write('live', liveKeys.renewal(id), new Secret({ hello: 'world' }));
    await world.secrets.write('live', liveKeys.access(id), new Secret({ hello: 'world' }));
    expect(await promote()).toMatchObject({ generation: 1 });
    await expectPromoted(1);
  });

  test('is how a connection comes back whose record was removed: readers take the new one for the newer', async () => {
    const handedOut = projection(world.signedIn(40, 'before').reveal(), ['access_token']);
    await world.secrets.write('live', liveKeys.access(id), handedOut);
    await world.secrets.destroy('live', liveKeys.renewal(id));
    expect(await promote()).toMatchObject({ generation: 41 });
    await expectPromoted(41);
  });

  test.each([
    ['is gone', 'grant_missing', async () => await world.secrets.destroy('pending', key)],
    [
      'another program has written over',
      'credential_unreadable',
      async () => void (await world.secrets.write('pending', key, new Secret({ hello: 'world' }))),
    ],
  ])('that %s is refused, and the credential in use stays', async (_what, code, spoil) => {
    const before = await world.renewal();
    await spoil();
    expect(await decide()).toMatchObject({ outcome: 'refused', problem: { code } });
    expect(await world.renewal()).toEqual(before);
  });

  test('is decided on again where the record was changed meanwhile', async () => {
    world.secrets.meanwhile(async () => await world.change({ generation: 5, attempt_id: 'a renewal' }));
    await expect(promote()).rejects.toMatchObject({ type: 'not_yet' });
    expect(await promote()).toMatchObject({ generation: 6 });
    await expectPromoted(6);
  });

  test('counts its life from the sign-in, also where it waited days to be confirmed', async () => {
    world.pass(3 * 86_400_000);
    const facts = await promote();
    expect(facts).toMatchObject({ issuedAt: '2030-01-01T00:48:00.000Z', nextRefreshAt: '2030-01-01T01:36:00.000Z' });
    expect(await world.refresh()).toMatchObject({ outcome: 'refreshed', facts: { generation: 3 } });
  });

  test('of keys that were submitted, and never issued by a cloud, counts from now', async () => {
    await submit({ issued_at_ms: 0, ttl_seconds: null, renewable: true });
    const now = bornAt + DUE_MS;
    expect(await promote()).toMatchObject({
      issuedAt: new Date(now).toISOString(),
      expiresAt: null,
      nextRefreshAt: new Date(now + 3_600_000).toISOString(),
    });
  });

  test('of what cannot be renewed plans no renewal', async () => {
    await submit({ renewable: false });
    expect(await promote()).toMatchObject({ renewable: false, nextRefreshAt: null });
  });
});

describe('a promotion beside a refresh', () => {
  test('wins over the reply that comes after it, and that attempt finds the newer generation', async () => {
    world.cloud.script('hold');
    const refreshing = world.refresh();
    const release = await world.cloud.held();
    await promote();
    release();
    expect(await refreshing).toMatchObject({ outcome: 'fresh', facts: { generation: 2 } });
    await expectPromoted(2);
  });

  test('goes one further where the reply came first', async () => {
    expect(await world.refresh()).toMatchObject({ outcome: 'refreshed' });
    expect(await promote()).toMatchObject({ generation: 3 });
    await expectPromoted(3);
  });

  test.each([1, 2, 3])(
    'that was killed after %i of its changes is not done over what the refresh issued: the grant’s token is spent',
    async (changes) => {
      world.secrets.goesDownAfterChanges(changes);
      await expect(promote()).rejects.toMatchObject({ type: 'not_yet' });
      world.secrets.down = false;
      world.pass(1_000);
      expect(await world.refresh(world.asked())).toMatchObject({ outcome: 'refreshed', facts: { generation: 3 } });
      expect(await promote()).toMatchObject({ generation: 3 });
      expect(await world.renewal()).toMatchObject({ refresh_token: 'refresh-token-3' });
      expect(await world.access()).toMatchObject({ access_token: 'access-token-3' });
      expect(await pending()).toBeUndefined();
      world.pass(60_000);
      expect(await world.refresh(world.asked({ requestId: 'later' }))).toMatchObject({ outcome: 'refreshed' });
      expect(world.cloud.calls.spentTwice).toBe(0);
    },
  );

  test('that was killed is done over an older credential that a refresh has renewed before', async () => {
    world.secrets.goesDownAfterChanges(0);
    await expect(promote()).rejects.toMatchObject({ type: 'not_yet' });
    world.secrets.down = false;
    await world.refresh();
    expect(await promote()).toMatchObject({ generation: 3 });
    await expectPromoted(3);
  });

  test('takes the marker of a spending with it: what was spent is of no use any more', async () => {
    await world.change({ spending: world.marker(60_000) });
    await promote();
    expect(await world.refresh()).toMatchObject({ outcome: 'fresh' });
    expect(world.cloud.calls.refresh).toBe(0);
  });

  test('leaves what a renewal handed out after it', async () => {
    await promote();
    world.pass(DUE_MS);
    expect(await world.refresh()).toMatchObject({ outcome: 'refreshed', facts: { generation: 3 } });
    expect(await promote()).toMatchObject({ generation: 3 });
    expect(await world.access()).toMatchObject({ access_token: 'access-token-3', mooring: { generation: 3 } });
  });
});

describe('a claim', () => {
  const holders = async (claim: string) => {
    for (const name of await world.secrets.list('claims', '')) {
      const record = (await world.secrets.read('claims', name))?.data.reveal();
      if (record?.['claim'] === claim) return record['connections'];
    }
    return [];
  };
  beforeEach(async () => {
    await takeClaim(world.secrets, connection, 'role of before');
    await takeClaim(world.secrets, connection, 'role of now');
    await world.change({ claim: 'role of before' });
  });

  test('that the credential before stood on is given up with it', async () => {
    await submit({ claim: 'role of now' });
    await promote();
    expect(await holders('role of before')).toEqual([]);
    expect(await holders('role of now')).toEqual([id]);
  });

  test('that both stand on is kept', async () => {
    await submit({ claim: 'role of before' });
    await promote();
    expect(await holders('role of before')).toEqual([id]);
  });

  test.each([0, 1, 2, 3, 4])(
    'is given up exactly once where the promotion is killed after %i changes',
    async (changes) => {
      await submit({ claim: 'role of now' });
      world.secrets.goesDownAfterChanges(changes);
      await expect(promote()).rejects.toMatchObject({ type: 'not_yet' });
      world.secrets.down = false;
      await promote();
      expect(await holders('role of before')).toEqual([]);
      expect(await holders('role of now')).toEqual([id]);
      expect((await world.renewal())?.mooring).toMatchObject({ claim: 'role of now', generation: 2 });
      expect(await readRecord(world.secrets, 'pending', key)).toBeUndefined();
    },
  );
});
