import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { ConnectionView } from '../../contracts/connection.ts';
import { eventually } from '../support/eventually.ts';
import type { Connection } from './support/connection.ts';
import { ageMs, eventsOf } from './support/history.ts';
import { createWorld, type World } from './support/world.ts';

interface Renewed {
  readonly connection: Connection;
  readonly before: ConnectionView;
  readonly now: ConnectionView;
}

/** Each brings a connection into the state of its name, where it stays. */
const arrange: Readonly<Record<string, (world: World) => Promise<Connection>>> = {
  awaiting_customer: (world) => world.start({ tags: ['kept'] }),
  active: (world) => world.connect({ tags: ['kept'] }),
  async paused(world) {
    const connection = await world.connect({ tags: ['kept'] });
    await connection.send('pause');
    return connection;
  },
  async confirmation(world) {
    const connection = await world.start({ tags: ['kept'], invitation: { confirm: true } });
    await connection.signIn();
    await eventually('the account', async () => (await connection.view()).verification?.step === 'confirmation');
    return connection;
  },
  async action_required(world) {
    const connection = await world.start({ tags: ['kept'] });
    await connection.signIn({ account: 'mc24680-ovh' });
    await connection.reaches('active');
    await world.cloud.revokeOvhAccount('mc24680-ovh');
    await connection.refresh().catch(() => undefined);
    return connection;
  },
  async degraded(world) {
    const connection = await world.connect({ tags: ['kept'], region: 'ovh-ca' });
    await world.cloud.fault({ region: 'ovh-ca', endpoint: 'token.refresh' }, { kind: 'respond', status: 503 }, null);
    await connection.refresh().catch(() => undefined);
    return connection;
  },
  async disconnecting(world) {
    const connection = await world.connect({ tags: ['kept'], region: 'ovh-us' });
    await world.cloud.fault({ region: 'ovh-us', endpoint: 'revoke' }, { kind: 'respond', status: 503 }, null);
    await connection.send('disconnect');
    return connection;
  },
  async verifying(world) {
    await world.cloud.fault({ region: 'ovh-us', endpoint: 'auth.details' }, { kind: 'respond', status: 503 }, null);
    const connection = await world.start({ tags: ['kept'], region: 'ovh-us' });
    await connection.signIn();
    await eventually('the proof', async () => (await connection.view()).verification?.step === 'proof');
    return connection;
  },
};

describe.skipIf(inject('components').timeSkipping === null)('a run is replaced within a day', () => {
  const renewed = new Map<string, Renewed>();
  let world: World;

  beforeAll(async () => {
    world = await createWorld();
    await world.cloud.change({ ovh: { accessTokenLifetimeSeconds: 3 * 86_400 } });
    for (const [name, make] of Object.entries(arrange)) {
      const connection = await make(world);
      const status = name === 'confirmation' ? 'verifying' : (name as ConnectionView['status']);
      const before = await connection.reaches(status);
      renewed.set(name, { connection, before, now: before });
    }
    // A day, plus the time that a run waits for pending upkeep to return.
    await world.pass({ hours: 26 });
    for (const [name, { connection, before }] of renewed) {
      renewed.set(name, { connection, before, now: await connection.view() });
    }
  }, 300_000);

  afterAll(async () => {
    for (const { connection } of renewed.values()) await connection.terminate();
    await world.close();
  });

  test.each(Object.keys(arrange))(
    'a connection in the state %s keeps its status and its data when its run is replaced',
    async (name) => {
      const { connection, before, now } = renewed.get(name) ?? expect.fail('It was not arranged.');
      const histories = await connection.histories();
      expect(histories.length).toBeGreaterThanOrEqual(2);
      expect(Math.max(...histories.map(ageMs))).toBeLessThanOrEqual(25.5 * 3_600_000);
      expect(Math.max(...histories.map((history) => eventsOf(history).length))).toBeLessThanOrEqual(300);
      const { status, statusSince, problem, account, tags, invitation, createdAt } = before;
      expect(now).toMatchObject({ status, statusSince, account, tags, invitation, createdAt });
      if (name !== 'verifying') expect(now.problem).toEqual(problem);
      expect(now.verification?.step).toBe(before.verification?.step);
      expect((await connection.timeline()).length).toBeGreaterThan(0);
    },
  );

  test('a proof that has not succeeded yet keeps the count of its tries when the run is replaced', () => {
    const { now } = renewed.get('verifying') ?? expect.fail('It was not arranged.');
    expect(now.verification?.attemptsBefore).toBeGreaterThan(200);
  });

  test('the search attributes of a paused connection are those of its state after the run was replaced', async () => {
    const { connection } = renewed.get('paused') ?? expect.fail('It was not arranged.');
    const { typedSearchAttributes } = await connection.handle.describe();
    const written = Object.fromEntries(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]));
    expect(written).toMatchObject({ MooringStatus: 'paused', MooringTenant: 'acme', MooringTags: ['kept'] });
  });
});
