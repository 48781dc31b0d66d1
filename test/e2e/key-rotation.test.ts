import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Connection } from '../../api/connections/schema.ts';
import { KeyRing } from '../../platform/key-ring.ts';
import { liveKeys } from '../../stores/secrets/credential-record.ts';
import { createCustomer, type Customer } from '../support/customer.ts';
import { eventually } from '../support/eventually.ts';
import { replayEverything } from '../support/replay-everything.ts';
import { aDayLater, createKeyCommand } from './key-rotation/key-command.ts';
import { connectInEveryPhase, shownAs, type Phases } from './key-rotation/phases.ts';
import { openTemporal, type TemporalSide } from './key-rotation/temporal-side.ts';
import { startTraffic, type Traffic } from './key-rotation/traffic.ts';
import { realComponents, startRealWorld, type RealWorld } from './support/real-world.ts';

const components = realComponents(inject('components'));
const REDIS_DATABASE = 9;
const START_WITHIN_MS = 180_000;
const STEP_WITHIN_MS = 300_000;
/** Temporal deletes a run some time after the request, and later still on a busy machine. */
const FORGOTTEN_WITHIN_MS = 120_000;

describe.skipIf(components === null)('a key rotation, in three steps under load', { timeout: STEP_WITHIN_MS }, () => {
  let world: RealWorld;
  let customer: Customer;
  let temporal: TemporalSide;
  let phases: Phases;
  let traffic: Traffic;
  /** Connections that only the background traffic changes. */
  let own: readonly string[];
  let k1 = '';
  const k2 = KeyRing.generate('k2');
  const key = createKeyCommand(() => world.environmentOf('worker'));

  beforeAll(async () => {
    if (!components) return;
    world = await startRealWorld(components, { redisDatabase: REDIS_DATABASE });
    customer = createCustomer(world.running);
    temporal = await openTemporal(world.temporal);
    k1 = world.environmentOf('worker')['MOORING_KEYS'] ?? '';
    phases = await connectInEveryPhase(world, customer, temporal);
    own = [
      (await customer.connect()).id,
      (
        await customer.connect(
          { provider: 'azure', region: 'global', method: 'authorization_code' },
          { account: 'ada@lindqvist.example' },
        )
      ).id,
    ];
    traffic = startTraffic(customer.platform, [...Object.values(phases.ids), ...own], own);
  }, START_WITHIN_MS);
  afterAll(async () => {
    await traffic?.stop();
    await temporal?.close();
    await world?.stop();
  }, START_WITHIN_MS);

  /** Workers first: an API whose ring has the new key first waits for a worker. */
  async function deploy(worker: Record<string, string>, api: Record<string, string> = worker): Promise<void> {
    await world.redeploy('worker', worker);
    await world.redeploy('api', api);
  }

  /** Every connection continues as a new run, as it does by itself once a day. */
  async function turnAll(label: string): Promise<void> {
    const { platform } = customer;
    const all = Object.entries({ ...phases.ids, own: own[0] ?? '', azure: own[1] ?? '' });
    await Promise.all(
      all.map(async ([phase, id]) => {
        const path = `/v1/connections/${id}`;
        // A connection that is disconnecting accepts no other request.
        const send = async (): Promise<unknown> =>
          phase === 'disconnecting'
            ? await platform.call('DELETE', path)
            : await platform.call('PATCH', path, { tags: [label] });
        await temporal.turn(id, send);
      }),
    );
  }

  /** Each connection has its earlier status, and the list contains all connections and can be decoded. */
  async function expectUntouched(): Promise<void> {
    const { platform } = customer;
    for (const [phase, id] of Object.entries(phases.ids)) {
      const status = shownAs[phase as keyof typeof shownAs];
      expect.soft({ phase, status: (await platform.get(id)).status }).toEqual({ phase, status });
    }
    const listed = await platform.call<{ items: Connection[] }>('GET', '/v1/connections?limit=200');
    expect(listed.items.filter(({ problem }) => problem?.code === 'view_undecodable')).toEqual([]);
    expect(listed.items.map(({ id }) => id).toSorted()).toEqual([...Object.values(phases.ids), ...own].toSorted());
  }

  const replay = async (...keys: readonly string[]) =>
    await replayEverything({ ...world.temporal, keyRing: KeyRing.parse(keys.join(',')) });

  test('step 1 adds the new key behind the old one, and every connection continues, also as a new run', async () => {
    await expectUntouched();
    await deploy({ MOORING_KEYS: `${k1},${k2}` });
    await turnAll('step-1');
    await expectUntouched();
    expect(await key.run(['drop-check', 'k1'])).toMatchObject({
      code: 1,
      output: expect.stringContaining('it seals') as string,
    });
  });

  test('step 2 moves the new key to the front, and the old key is needed until each connection has a new run', async () => {
    await deploy({ MOORING_KEYS: `${k2},${k1}` });
    const refused = await key.run(['drop-check', 'k1'], aDayLater);
    expect(refused.code).toBe(1);
    expect(refused.output).toMatch(/memo \(\d+\), input \(\d+\), history \(\d+\)/);
    // This sign-in began while the old key was first in the ring.
    await phases.signedIn.arrive();
    await customer.platform.until(phases.ids.signingIn, 'active');

    await turnAll('step-2');
    await eventually(
      'nothing that runs to be sealed with the old key',
      async () => {
        expect(await key.sealedWith('k1')).toMatchObject({ memo: 0, input: 0, history: 0, pending: 0, schedules: 0 });
        return true;
      },
      60_000,
    );
    const ended = await key.run(['drop-check', 'k1'], aDayLater);
    expect(ended).toMatchObject({ code: 1, output: expect.stringMatching(/ended \(\d+\)/) as string });
    expect(await replay(k2, k1)).toMatchObject({ failures: [] });
  });

  test('step 3 retires the old key once the retention is over, and refuses to do so before', async () => {
    expect((await key.run(['retire', 'k1'])).code).toBe(1);
    expect(await temporal.forgetEnded()).toBeGreaterThan(2 * Object.keys(phases.ids).length);
    await eventually(
      'the ended runs to be gone',
      async () => {
        // Repeated in each try: a run that has just ended is listed a moment later.
        await temporal.forgetEnded();
        return (await key.sealedWith('k1'))['ended'] === 0;
      },
      FORGOTTEN_WITHIN_MS,
    );
    expect(await key.run(['retire', 'k1'])).toMatchObject({
      code: 1,
      output: expect.stringContaining('"k2" stands first only since') as string,
    });
    expect(await key.run(['retire', 'k1'], aDayLater)).toMatchObject({ code: 0 });
    await deploy({ MOORING_KEYS: k2 }, { MOORING_KEYS: k2, MOORING_RETIRED_KEYS: k1 });
    await turnAll('step-3');
  });

  test('a key rotation loses no connection: waiting flows continue, and no token was spent twice', async () => {
    const { platform, cloud } = customer;
    expect(await traffic.stop()).toMatchObject({ faults: [], served: expect.any(Number) as number });
    const listed = await platform.call<{ items: Connection[] }>('GET', '/v1/connections?limit=200');
    expect(listed.items.map(({ id, problem }) => ({ id, code: problem?.code }))).not.toContainEqual(
      expect.objectContaining({ code: 'view_undecodable' }),
    );
    expect(listed.items).toHaveLength(Object.keys(phases.ids).length + own.length);

    await phases.heal();
    // An activity that waits for its next attempt is scheduled anew in the new run.
    await turnAll('healed');
    await phases.goOn();

    const sealed = await platform.get(phases.ids.sealed);
    expect(sealed.credential?.generation).toBe(2);
    const record = await world.secrets.read('live', liveKeys.renewal(phases.ids.sealed));
    expect(Object.values(await cloud.issued('ovh')).flat()).toContain(record?.['access_token']);

    const living = [...Object.entries(phases.ids), ...own.map((id) => ['own', id] as const)].filter(
      ([phase]) => phase !== 'disconnecting',
    );
    for (const [phase, id] of living) {
      await platform.call('GET', `/v1/connections/${id}/credentials`);
      await platform.call('POST', `/v1/connections/${id}/verify`).catch((error: unknown) => {
        throw new Error(`${phase} can't be verified`, { cause: error });
      });
      await platform.call('POST', `/v1/connections/${id}/pause`);
      await platform.call('POST', `/v1/connections/${id}/resume`);
    }
    for (const [, id] of living) await platform.call('DELETE', `/v1/connections/${id}`);
    for (const [, id] of living) await platform.until(id, 'disconnected', 60_000);

    for (const at of ['ovh', 'azure', 'gcp'] as const) {
      expect.soft(await cloud.counters(at)).toMatchObject({ codesRedeemedTwice: 0, refreshTokensSpentTwice: 0 });
    }
    const { replayed, failures } = await replay(k2);
    expect(failures).toEqual([]);
    expect(replayed).toBeGreaterThan(2 * living.length);
  });
});
