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
  test('promoting a grant writes the record, what is handed out, and the data to restart a lost connection', async () => {
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

  test('the first promotion of a connection begins at generation 1, and creates what is handed out', async () => {
    for (const name of [liveKeys.renewal(id), liveKeys.access(id)]) await world.secrets.destroy('live', name);
    expect(await promote()).toMatchObject({ generation: 1 });
    await expectPromoted(1);
  });

  test('promoting a grant has the same result however often it runs', async () => {
    for (let run = 0; run < 3; run++) expect(await promote()).toMatchObject({ generation: 2 });
    await expectPromoted(2);
  });

  test.each([0, 1, 2, 3])(
    'a promotion that is killed after %i of its changes is completed by a retry',
    async (changes) => {
      world.secrets.goesDownAfterChanges(changes);
      await expect(promote()).rejects.toMatchObject({ type: 'not_yet' });
      world.secrets.down = false;
      expect(await promote()).toMatchObject({ generation: 2 });
      await expectPromoted(2);
    },
  );

  test.each([
    ['renewal', 0],
    // Its first write is refused, because the key exists already; the second write replaces it.
    ['access', 1],
    ['about', 0],
  ] as const)(
    'a promotion whose write of live/{id}/%s lost its response is repeated in the same generation',
    async (name, after) => {
      world.secrets.fail('times_out_after_landing', { operation: 'write', key: liveKeys[name](id), after });
      await expect(promote()).rejects.toMatchObject({ type: 'not_yet' });
      expect(await promote()).toMatchObject({ generation: 2 });
      await expectPromoted(2);
    },
  );

  test('a promotion restores a connection whose record another program made unreadable', async () => {
    await world.secrets.write('live', liveKeys.renewal(id), new Secret({ hello: 'world' }));
    await world.secrets.write('live', liveKeys.access(id), new Secret({ hello: 'world' }));
    expect(await promote()).toMatchObject({ generation: 1 });
    await expectPromoted(1);
  });

  test('a promotion restores a connection whose record was deleted, with the next generation for readers', async () => {
    const handedOut = projection(world.signedIn(40, 'before').reveal(), ['access_token']);
    await world.secrets.write('live', liveKeys.access(id), handedOut);
    await world.secrets.destroy('live', liveKeys.renewal(id));
    expect(await promote()).toMatchObject({ generation: 41 });
    await expectPromoted(41);
  });

  test.each([
    ['was deleted', 'grant_missing', async () => await world.secrets.destroy('pending', key)],
    [
      'another program has overwritten',
      'credential_unreadable',
      async () => void (await world.secrets.write('pending', key, new Secret({ hello: 'world' }))),
    ],
  ])('promoting a grant that %s is refused, and the credential in use stays', async (_what, code, spoil) => {
    const before = await world.renewal();
    await spoil();
    expect(await decide()).toMatchObject({ outcome: 'refused', problem: { code } });
    expect(await world.renewal()).toEqual(before);
  });

  test('a promotion is decided again where the record was changed in the meantime', async () => {
    world.secrets.meanwhile(async () => await world.change({ generation: 5, attempt_id: 'a renewal' }));
    await expect(promote()).rejects.toMatchObject({ type: 'not_yet' });
    expect(await promote()).toMatchObject({ generation: 6 });
    await expectPromoted(6);
  });

  test('a promoted grant counts its life from the sign-in, even where it waited days for confirmation', async () => {
    world.pass(3 * 86_400_000);
    const facts = await promote();
    expect(facts).toMatchObject({ issuedAt: '2030-01-01T00:48:00.000Z', nextRefreshAt: '2030-01-01T01:36:00.000Z' });
    expect(await world.refresh()).toMatchObject({ outcome: 'refreshed', facts: { generation: 3 } });
  });

  test('a promotion of submitted keys counts their life from the promotion', async () => {
    await submit({ issued_at_ms: 0, ttl_seconds: null, renewable: true });
    const now = bornAt + DUE_MS;
    expect(await promote()).toMatchObject({
      issuedAt: new Date(now).toISOString(),
      expiresAt: null,
      nextRefreshAt: new Date(now + 3_600_000).toISOString(),
    });
  });

  test('a promotion of a credential that cannot be renewed plans no renewal', async () => {
    await submit({ renewable: false });
    expect(await promote()).toMatchObject({ renewable: false, nextRefreshAt: null });
  });
});

describe('a promotion beside a refresh', () => {
  test('a promotion wins over a refresh reply that comes later, and the refresh finds the newer generation', async () => {
    world.cloud.script('hold');
    const refreshing = world.refresh();
    const release = await world.cloud.held();
    await promote();
    release();
    expect(await refreshing).toMatchObject({ outcome: 'fresh', facts: { generation: 2 } });
    await expectPromoted(2);
  });

  test('a promotion after a refresh has the next generation', async () => {
    expect(await world.refresh()).toMatchObject({ outcome: 'refreshed' });
    expect(await promote()).toMatchObject({ generation: 3 });
    await expectPromoted(3);
  });

  test.each([1, 2, 3])(
    'a promotion that was killed after %i of its changes does not overwrite the result of a later refresh',
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

  test('a promotion that was killed before its first change replaces a credential that was refreshed since', async () => {
    world.secrets.goesDownAfterChanges(0);
    await expect(promote()).rejects.toMatchObject({ type: 'not_yet' });
    world.secrets.down = false;
    await world.refresh();
    expect(await promote()).toMatchObject({ generation: 3 });
    await expectPromoted(3);
  });

  test('a promotion removes the spending marker, so that no refresh is repeated', async () => {
    await world.change({ spending: world.marker(60_000) });
    await promote();
    expect(await world.refresh()).toMatchObject({ outcome: 'fresh' });
    expect(world.cloud.calls.refresh).toBe(0);
  });

  test('a repeated promotion keeps what a later renewal handed out', async () => {
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

  test('the claim of the replaced credential is released by the promotion', async () => {
    await submit({ claim: 'role of now' });
    await promote();
    expect(await holders('role of before')).toEqual([]);
    expect(await holders('role of now')).toEqual([id]);
  });

  test('a claim that both credentials use is kept', async () => {
    await submit({ claim: 'role of before' });
    await promote();
    expect(await holders('role of before')).toEqual([id]);
  });

  test.each([0, 1, 2, 3, 4])(
    'the replaced claim is released, and the new one kept, where the promotion is killed after %i changes',
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
