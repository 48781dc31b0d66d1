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
  test('stores the grant unproven, proves it in the same attempt, and tells no secret', async () => {
    const outcome = await exchange();
    expect(outcome).toEqual({
      outcome: 'granted',
      warnings: [],
      proof: { outcome: 'proven', account, warnings: [] },
      credential: null,
    });
    expect(world.cloud.calls.redeemed).toEqual([['the-code', 'the-verifier']]);
    expect(await pending()).toMatchObject({
      refresh_token: 'refresh-token-2',
      mooring: { generation: 1, attempt_id: 'exchange' },
    });
    // Nothing comes into use by it.
    expect(await world.renewal()).toMatchObject({ refresh_token: 'refresh-token-1' });
  });

  test.each(['unreachable', 'refused'] as const)(
    'leaves the proof to an activity of its own where it does not work at once (%s)',
    async (turn) => {
      world.cloud.script('answer', turn);
      expect(await exchange()).toEqual({ outcome: 'granted', warnings: [], proof: null, credential: null });
      expect(await pending()).toMatchObject({ refresh_token: 'refresh-token-2' });
    },
  );

  test('leaves the proof to an activity of its own where the store goes away in between', async () => {
    world.secrets.goesDownAfterWrites(1);
    expect(await exchange()).toMatchObject({ outcome: 'granted', proof: null });
  });

  test.each([
    ['unreachable', 'not_sent', 'cloud_unreachable'],
    ['broken', 'ambiguous', 'exchange_response_lost'],
    ['refused', 'refused', 'invalid_grant'],
    ['rate_limited', 'refused', 'cloud_rate_limited'],
    ['misconfigured', 'misconfigured', 'invalid_client'],
  ] as const)('that came to "%s" is told as %s', async (turn, outcome, code) => {
    world.cloud.script(turn);
    expect(await exchange()).toMatchObject({ outcome, problem: { code } });
    expect(await pending()).toBeUndefined();
  });

  test('publishes what it was given first, though the cloud then refuses', async () => {
    world.cloud.script('refused');
    const entries = [{ at: '2030-01-01T00:00:00.000Z', event: 'signed_in', text: 'Signed in.' }];
    await exchange({ news: { status: 'verifying', problem: null, warnings: [], entries } });
    expect(await world.ephemeral.readStream(ephemeralKeys.events('acme'), null, 10)).toHaveLength(1);
  });

  test('is refused a verifier that was sealed for another connection', async () => {
    const sealedVerifier = world.keyRing.seal('envelope', 'the-verifier', 'con_bbbbbbbbbbbbbbbbbbbbbbbbbb');
    await expect(exchange({ sealedVerifier })).rejects.toThrow('could not be opened');
    expect(world.cloud.calls.redeemed).toEqual([]);
  });
});

describe('a grant that nobody has to confirm', () => {
  test('is put to use in the attempt that redeemed its code', async () => {
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

  test('waits where it is of another account than the one that was asked for', async () => {
    const promotion = { ...atOnce.promotion, accountId: 'bob' };
    expect(await exchange({ promotion })).toMatchObject({ proof: { outcome: 'proven', account }, credential: null });
    expect(await world.renewal()).toMatchObject({ refresh_token: 'refresh-token-1' });
    expect(await pending()).toMatchObject({ refresh_token: 'refresh-token-2' });
  });

  test('waits where its attempt was frozen for so long that it has been given up', async () => {
    world.cloud.script('hold');
    const attempt = exchange(atOnce);
    const answer = await world.cloud.held();
    world.pass(25_000);
    answer();
    expect(await attempt).toMatchObject({ proof: { outcome: 'proven' }, credential: null });
    expect(await world.renewal()).toMatchObject({ refresh_token: 'refresh-token-1' });
  });

  test('never replaces what came in while its attempt was under way', async () => {
    world.cloud.script('hold');
    const attempt = exchange(atOnce);
    const answer = await world.cloud.held();
    await world.change({ grant: 'a-later-sign-in' });
    answer();
    expect(await attempt).toMatchObject({ proof: { outcome: 'proven' }, credential: null });
    expect(await world.renewal()).toMatchObject({ mooring: { grant: 'a-later-sign-in' } });
    expect(await pending()).toMatchObject({ refresh_token: 'refresh-token-2' });
  });

  test('is redeemed and waits where the store does not say what it would replace', async () => {
    world.secrets.fail('fails', { operation: 'read', gate: 'live' });
    expect(await exchange(atOnce)).toMatchObject({ proof: { outcome: 'proven' }, credential: null });
    expect(await pending()).toMatchObject({ refresh_token: 'refresh-token-2' });
  });

  // The changes are: the pending record, the live one, what is handed out with what it is recovered from, the end of the
  // pending one.
  test.each([1, 2, 3, 4, 5])(
    'is found and put to use after a worker was killed with %i changes made',
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

  test('is lost where the worker was killed before anything was stored', async () => {
    expect(await recover()).toMatchObject({ outcome: 'ambiguous', problem: { code: 'exchange_response_lost' } });
    expect(await world.renewal()).toMatchObject({ refresh_token: 'refresh-token-1' });
  });
});

describe('a grant that the store would not take', () => {
  const store = (sealed: SealedReply, deps = world.deps) =>
    inActivity(createStoreSealed(deps), { connection, sealed, pendingRef });

  async function sealedGrant(): Promise<SealedReply> {
    world.secrets.fail('fails', { operation: 'write', gate: 'pending' });
    const outcome = await exchange();
    if (outcome.outcome !== 'sealed') throw new Error(`Expected a sealed grant, not ${outcome.outcome}.`);
    expect(JSON.stringify(outcome)).not.toContain('token-2');
    return outcome.sealed;
  }

  test('comes back sealed, and is stored once when the store answers again', async () => {
    const sealed = await sealedGrant();
    expect(await pending()).toBeUndefined();
    expect(await store(sealed)).toEqual({ outcome: 'stored' });
    expect(await store(sealed)).toEqual({ outcome: 'stored' });
    expect((await world.secrets.read('pending', key))?.version).toBe(1);
    expect(await pending()).toMatchObject({ refresh_token: 'refresh-token-2', mooring: { attempt_id: 'exchange' } });
    expect(await world.renewal()).toMatchObject({ refresh_token: 'refresh-token-1' });
  });

  test('whose write landed unheard is found stored', async () => {
    world.secrets.fail('times_out_after_landing', { operation: 'write', gate: 'pending' });
    const outcome = await exchange();
    if (outcome.outcome !== 'sealed') throw new Error(`Expected a sealed grant, not ${outcome.outcome}.`);
    expect(await store(outcome.sealed)).toEqual({ outcome: 'stored' });
    expect((await world.secrets.read('pending', key))?.version).toBe(1);
  });

  test('is sealed again each day, so that the key it was sealed by first can be retired', async () => {
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
