import { beforeEach, describe, expect, test } from 'vitest';
import { createExchangeCode, createRecoverExchange } from '../../../activities/exchange-code.ts';
import { createPromoteGrant } from '../../../activities/promote-grant.ts';
import { createResealReply, createStoreSealed } from '../../../activities/sealed-reply.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import type { ExchangeInput, SealedReply } from '../../../contracts/activities.ts';
import { about, bornAt, connection, createUpkeepWorld, inActivity, type UpkeepWorld } from './upkeep-world.ts';

const pendingRef = 'sign-in';
const key = `${connection.id}/${pendingRef}`;
const account = { id: 'ada', displayName: null };

let world: UpkeepWorld;
beforeEach(async () => void (world = await createUpkeepWorld()));

const exchange = (more: Partial<ExchangeInput> = {}) =>
  inActivity(
    createExchangeCode(world.deps),
    {
      connection,
      pendingRef,
      attemptId: 'exchange',
      code: 'the-code',
      sealedVerifier: world.keyRing.seal('envelope', 'the-verifier', connection.id),
      iss: null,
      redirectUri: 'https://mooring.example/callback',
      promotion: null,
      news: null,
      ...more,
    },
    { currentAttemptScheduledTimestampMs: bornAt },
  );
const atOnce = { promotion: { about: { ...about, account: null }, accountId: null } };
const recover = () => inActivity(createRecoverExchange(world.deps), { connection, pendingRef });
const promote = () => inActivity(createPromoteGrant(world.deps), { connection, pendingRef, about });
const pending = async () => (await world.secrets.read('pending', key))?.data.reveal();

describe('redeeming a code', () => {
  test('redeeming a code stores the grant, proves it in the same attempt, and returns no secret', async () => {
    const outcome = await exchange();
    expect(outcome).toEqual({
      outcome: 'granted',
      warnings: [],
      proof: { outcome: 'proven', account, accountDigest: expect.any(String), warnings: [] },
      credential: null,
    });
    expect(world.cloud.calls.redeemed).toEqual([['the-code', 'the-verifier']]);
    expect(await pending()).toMatchObject({
      refresh_token: 'refresh-token-2',
      mooring: { generation: 1, attempt_id: 'exchange' },
    });
    // The credential in use does not change.
    expect(await world.renewal()).toMatchObject({ refresh_token: 'refresh-token-1' });
  });

  test.each(['unreachable', 'refused'] as const)(
    'a proof that fails at once is left to an activity of its own (%s)',
    async (turn) => {
      world.cloud.script('answer', turn);
      expect(await exchange()).toEqual({ outcome: 'granted', warnings: [], proof: null, credential: null });
      expect(await pending()).toMatchObject({ refresh_token: 'refresh-token-2' });
    },
  );

  test('a proof is left to an activity of its own where the store becomes unavailable before it', async () => {
    world.secrets.goesDownAfterWrites(1);
    expect(await exchange()).toMatchObject({ outcome: 'granted', proof: null });
  });

  test.each([
    ['unreachable', 'not_sent', 'cloud_unreachable'],
    ['broken', 'ambiguous', 'exchange_response_lost'],
    ['refused', 'refused', 'invalid_grant'],
    ['rate_limited', 'refused', 'cloud_rate_limited'],
    ['misconfigured', 'misconfigured', 'invalid_client'],
  ] as const)('redeeming a code with the cloud response "%s" is reported as %s', async (turn, outcome, code) => {
    world.cloud.script(turn);
    expect(await exchange()).toMatchObject({ outcome, problem: { code } });
    expect(await pending()).toBeUndefined();
  });

  test('redeeming a code publishes the given news first, even where the cloud then refuses', async () => {
    world.cloud.script('refused');
    const entries = [{ at: '2030-01-01T00:00:00.000Z', event: 'signed_in', text: 'Signed in.' }];
    await exchange({ news: { status: 'verifying', problem: null, warnings: [], entries } });
    expect(await world.ephemeral.readStream(ephemeralKeys.events('acme'), null, 10)).toHaveLength(1);
  });

  test('redeeming a code rejects a verifier that was sealed for another connection', async () => {
    const sealedVerifier = world.keyRing.seal('envelope', 'the-verifier', 'con_bbbbbbbbbbbbbbbbbbbbbbbbbb');
    await expect(exchange({ sealedVerifier })).rejects.toThrow('could not be opened');
    expect(world.cloud.calls.redeemed).toEqual([]);
  });
});

describe('a grant that needs no confirmation', () => {
  test('a grant without confirmation is put to use in the attempt that redeemed its code', async () => {
    expect(await exchange(atOnce)).toMatchObject({
      outcome: 'granted',
      proof: { outcome: 'proven', account },
      credential: { generation: 2 },
    });
    expect(await world.renewal()).toMatchObject({ refresh_token: 'refresh-token-2', mooring: { grant: pendingRef } });
    expect(await world.access()).toMatchObject({ access_token: 'access-token-2' });
    expect(await world.about()).toMatchObject({ account });
    expect(await pending()).toBeUndefined();
  });

  test('a grant of another account than the requested one is not put to use', async () => {
    const promotion = { ...atOnce.promotion, accountId: 'bob' };
    expect(await exchange({ promotion })).toMatchObject({ proof: { outcome: 'proven', account }, credential: null });
    expect(await world.renewal()).toMatchObject({ refresh_token: 'refresh-token-1' });
    expect(await pending()).toMatchObject({ refresh_token: 'refresh-token-2' });
  });

  test('a grant is not put to use by an attempt that was frozen beyond its timeout', async () => {
    world.cloud.script('hold');
    const attempt = exchange(atOnce);
    const answer = await world.cloud.held();
    world.pass(25_000);
    answer();
    expect(await attempt).toMatchObject({ proof: { outcome: 'proven' }, credential: null });
    expect(await world.renewal()).toMatchObject({ refresh_token: 'refresh-token-1' });
  });

  test('a grant never replaces the grant of a later sign-in', async () => {
    world.cloud.script('hold');
    const attempt = exchange(atOnce);
    const answer = await world.cloud.held();
    await world.change({ grant: 'a-later-sign-in' });
    answer();
    expect(await attempt).toMatchObject({ proof: { outcome: 'proven' }, credential: null });
    expect(await world.renewal()).toMatchObject({ mooring: { grant: 'a-later-sign-in' } });
    expect(await pending()).toMatchObject({ refresh_token: 'refresh-token-2' });
  });

  test('a grant is redeemed but not put to use where the record that it would replace cannot be read', async () => {
    world.secrets.fail('fails', { operation: 'read', gate: 'live' });
    expect(await exchange(atOnce)).toMatchObject({ proof: { outcome: 'proven' }, credential: null });
    expect(await pending()).toMatchObject({ refresh_token: 'refresh-token-2' });
  });

  // The changes, in order: the pending record, the live record, what is handed out and what a restart needs, the
  // deletion of the pending record.
  test.each([1, 2, 3, 4, 5])(
    'a grant is found and put to use after a worker was killed with %i changes made',
    async (changes) => {
      world.secrets.goesDownAfterChanges(changes);
      await exchange(atOnce);
      world.secrets.down = false;
      world.secrets.goesDownAfterChanges(Infinity);
      const found = await recover();
      expect(found).toMatchObject({ outcome: 'granted', credential: null });
      if (found.outcome === 'granted' && found.proof) expect(found.proof).toMatchObject({ account });
      expect(await promote()).toMatchObject({ outcome: 'promoted', credential: { generation: 2 } });
      expect(await world.renewal()).toMatchObject({ refresh_token: 'refresh-token-2' });
      expect(await world.access()).toMatchObject({ access_token: 'access-token-2' });
      expect(await world.about()).toMatchObject({ account });
      expect(await pending()).toBeUndefined();
      expect(world.cloud.calls.redeemed).toHaveLength(1);
    },
  );

  test('a grant is lost where the worker was killed before anything was stored', async () => {
    expect(await recover()).toMatchObject({ outcome: 'ambiguous', problem: { code: 'exchange_response_lost' } });
    expect(await world.renewal()).toMatchObject({ refresh_token: 'refresh-token-1' });
  });
});

describe('a grant that the store does not accept', () => {
  const store = (sealed: SealedReply, deps = world.deps) =>
    inActivity(createStoreSealed(deps), { connection, sealed, pendingRef });

  async function sealedGrant(): Promise<SealedReply> {
    world.secrets.fail('fails', { operation: 'write', gate: 'pending' });
    const outcome = await exchange();
    if (outcome.outcome !== 'sealed') throw new Error(`Expected a sealed grant, not ${outcome.outcome}.`);
    expect(JSON.stringify(outcome)).not.toContain('token-2');
    return outcome.sealed;
  }

  test('a grant that cannot be stored is returned sealed, and stored once when the store answers again', async () => {
    const sealed = await sealedGrant();
    expect(await pending()).toBeUndefined();
    expect(await store(sealed)).toEqual({ outcome: 'stored' });
    expect(await store(sealed)).toEqual({ outcome: 'stored' });
    expect((await world.secrets.read('pending', key))?.version).toBe(1);
    expect(await pending()).toMatchObject({ refresh_token: 'refresh-token-2', mooring: { attempt_id: 'exchange' } });
    expect(await world.renewal()).toMatchObject({ refresh_token: 'refresh-token-1' });
  });

  test('a grant whose write succeeded without a response is found stored', async () => {
    world.secrets.fail('times_out_after_landing', { operation: 'write', gate: 'pending' });
    const outcome = await exchange();
    if (outcome.outcome !== 'sealed') throw new Error(`Expected a sealed grant, not ${outcome.outcome}.`);
    expect(await store(outcome.sealed)).toEqual({ outcome: 'stored' });
    expect((await world.secrets.read('pending', key))?.version).toBe(1);
  });

  test('a sealed grant can be sealed again with a new key, so that its first key can be retired', async () => {
    const [before, after] = [KeyRing.generate('k1'), KeyRing.generate('k2')];
    const ring = (...keys: string[]) => ({ ...world.deps, keyRing: KeyRing.parse(keys.join(',')) });
    world = { ...world, keyRing: KeyRing.parse(before), deps: ring(before) };
    const sealed = await sealedGrant();
    const resealed = await inActivity(createResealReply(ring(after, before)), { connection, sealed });
    expect(resealed).toEqual({ ...sealed, envelope: expect.stringMatching(/^k2\./) as string });
    await expect(store(sealed, ring(after))).rejects.toThrow('no key "k1"');
    expect(await store(resealed, ring(after))).toEqual({ outcome: 'stored' });
    expect(await pending()).toMatchObject({ refresh_token: 'refresh-token-2' });
  });
});
