import { beforeEach, describe, expect, test } from 'vitest';
import { projection } from '../../../activities/records.ts';
import type { AttemptOutcome } from '../../../activities/refresh/attempt.ts';
import { createStoreSealed } from '../../../activities/sealed-reply.ts';
import { Secret } from '../../../platform/secret.ts';
import { liveKeys, revokingKey } from '../../../stores/secrets/credential-record.ts';
import {
  connection,
  createUpkeepWorld,
  DUE_MS,
  inActivity,
  stopAttemptClock,
  type UpkeepWorld,
} from './upkeep-world.ts';

let world: UpkeepWorld;
beforeEach(async () => {
  world = await createUpkeepWorld();
  world.pass(DUE_MS);
});

const { id } = connection;
const renewalKey = liveKeys.renewal(id);
/** The first write of an attempt is its marker, the second is the reply. */
const replyWrite = { operation: 'write', key: renewalKey, after: 1 } as const;

async function storeSealed(outcome: AttemptOutcome) {
  if (outcome.outcome !== 'sealed') throw new Error(`Expected a sealed reply, not ${outcome.outcome}.`);
  const input = { connection, sealed: outcome.sealed, pendingRef: null };
  return (await inActivity(createStoreSealed(world.deps), input)).outcome;
}

/** An attempt that ends while the store is unavailable, with no time left for a retry. */
async function sealedReply(): Promise<AttemptOutcome> {
  const clock = stopAttemptClock();
  world.cloud.script('hold');
  const running = world.refresh();
  const release = await world.cloud.held();
  clock.pass(9_000);
  world.secrets.down = true;
  release();
  const outcome = await running;
  world.secrets.down = false;
  return outcome;
}

describe('a reply in hand', () => {
  test('a reply is stored by the same attempt where the store fails for a moment', async () => {
    world.secrets.fail('fails', replyWrite);
    expect(await world.refresh()).toMatchObject({ outcome: 'refreshed', facts: { generation: 2 } });
    expect(await world.renewal()).toMatchObject({ refresh_token: 'refresh-token-2', mooring: { spending: null } });
  });

  test('a reply whose write timed out after it landed is found in the store, and the token is spent once', async () => {
    world.secrets.fail('times_out_after_landing', replyWrite);
    expect(await world.refresh()).toMatchObject({ outcome: 'refreshed', facts: { generation: 2 } });
    expect((await world.renewal())?.mooring.generation).toBe(2);
    expect(world.cloud.calls).toMatchObject({ refresh: 1, spentTwice: 0 });
  });

  test('storing a reply is retried until a second before the timeout, then the reply is returned sealed', async () => {
    const clock = stopAttemptClock();
    world.secrets.goesDownAfterWrites(1);
    // Each call to an unavailable store takes its whole deadline.
    const tries: number[] = [];
    for (const call of ['read', 'write'] as const) {
      const real = world.secrets[call].bind(world.secrets) as (...args: unknown[]) => Promise<never>;
      world.secrets[call] = async (...args: unknown[]) => {
        if (world.secrets.down) {
          tries.push(clock.passed());
          clock.pass(2_000);
        }
        return await real(...args);
      };
    }
    const outcome = await world.refresh();
    expect(outcome).toMatchObject({
      outcome: 'sealed',
      facts: { generation: 2, issuedAt: '2030-01-01T00:48:00.000Z' },
    });
    expect(tries).toEqual([0, 2_000, 4_000, 6_000, 8_000]);
    expect(clock.passed()).toBeLessThanOrEqual(11_000);
  });

  test('a sealed reply is stored and handed out when the store answers again, and a repeat changes nothing', async () => {
    const outcome = await sealedReply();
    expect(outcome).toMatchObject({ outcome: 'sealed', facts: { generation: 2 } });
    expect(await world.renewal()).toMatchObject({ refresh_token: 'refresh-token-1' });
    world.pass(3_600_000);
    expect(await storeSealed(outcome)).toBe('stored');
    const expected = {
      refresh_token: 'refresh-token-2',
      // The time of the cloud's response, not of the write.
      mooring: { generation: 2, spending: null, issued_at_ms: Date.parse('2030-01-01T00:48:00.000Z') },
    };
    expect(await world.renewal()).toMatchObject(expected);
    expect(await world.access()).toMatchObject({ access_token: 'access-token-2' });
    expect(await storeSealed(outcome)).toBe('stored');
    expect(await world.renewal()).toMatchObject(expected);
  });

  test('a sealed reply is dropped where a newer generation was stored meanwhile', async () => {
    const outcome = await sealedReply();
    await world.change({ generation: 7, attempt_id: 'promotion:second' });
    expect(await storeSealed(outcome)).toBe('superseded');
    expect((await world.renewal())?.mooring.generation).toBe(7);
  });

  test('a sealed reply is kept for revocation where the connection was disconnected meanwhile', async () => {
    const outcome = await sealedReply();
    await world.secrets.destroy('live', renewalKey);
    await world.secrets.destroy('live', liveKeys.access(id));
    expect(await storeSealed(outcome)).toBe('superseded');
    expect(await world.renewal()).toBeUndefined();
    expect(await world.access()).toBeUndefined();
    const kept = await world.secrets.read('revoking', revokingKey(id, 'attempt-1'));
    expect(kept?.data.reveal()).toMatchObject({ refresh_token: 'refresh-token-2' });
  });

  test('a sealed reply cannot be opened for another connection', async () => {
    const outcome = await sealedReply();
    if (outcome.outcome !== 'sealed') throw new Error('Expected a sealed reply.');
    const other = { ...connection, id: 'con_bbbbbbbbbbbbbbbbbbbbbbbbbb' };
    const input = { connection: other, sealed: outcome.sealed, pendingRef: null };
    await expect(inActivity(createStoreSealed(world.deps), input)).rejects.toThrow('could not be opened');
  });

  test('a reply is stored over the marker of a successor, and the next attempt finds it', async () => {
    world.cloud.script('hold');
    const first = world.refresh();
    const release = await world.cloud.held();
    world.pass(7_000);
    await world.change({ spending: world.marker(0) });
    release();
    expect(await first).toMatchObject({ outcome: 'refreshed', facts: { generation: 2 } });
    expect(await world.refresh()).toMatchObject({ outcome: 'fresh', facts: { generation: 2 } });
    expect(world.cloud.calls.refresh).toBe(1);
  });

  test('a reply is not written over a newer generation', async () => {
    world.cloud.script('hold');
    const running = world.refresh();
    const release = await world.cloud.held();
    await world.change({ generation: 2, attempt_id: 'promotion:second', spending: null });
    release();
    expect(await running).toMatchObject({ outcome: 'fresh', facts: { generation: 2 } });
    expect((await world.renewal())?.mooring.attempt_id).toBe('promotion:second');
  });

  test('a reply is kept for revocation, and not stored, where the connection was disconnected meanwhile', async () => {
    world.cloud.script('hold');
    const running = world.refresh();
    const release = await world.cloud.held();
    await world.secrets.destroy('live', renewalKey);
    await world.secrets.destroy('live', liveKeys.access(id));
    release();
    expect(await running).toMatchObject({ outcome: 'refused', problem: { code: 'credential_missing' } });
    expect(await world.renewal()).toBeUndefined();
    expect(await world.access()).toBeUndefined();
    const kept = await world.secrets.read('revoking', revokingKey(id, 'attempt-1'));
    expect(kept?.data.reveal()).toMatchObject({ refresh_token: 'refresh-token-2', mooring: { generation: 2 } });
  });

  test('a reply is sealed where another program has made the record unreadable', async () => {
    world.cloud.script('hold');
    const running = world.refresh();
    const release = await world.cloud.held();
    await world.secrets.write('live', renewalKey, new Secret({ hello: 'world' }));
    release();
    expect(await running).toMatchObject({ outcome: 'sealed', facts: { generation: 2 } });
  });

  test('a reply is handed out by the same attempt where the store fails for a moment', async () => {
    world.secrets.fail('fails', { operation: 'write', key: liveKeys.access(id) });
    expect(await world.refresh()).toMatchObject({ outcome: 'refreshed', isHandedOut: true });
    expect(await world.access()).toMatchObject({ access_token: 'access-token-2' });
  });

  test('a reply that could be stored but not handed out is handed out by the next attempt', async () => {
    const clock = stopAttemptClock();
    world.cloud.script('hold');
    const running = world.refresh();
    const release = await world.cloud.held();
    clock.pass(9_000);
    release();
    expect(await running).toMatchObject({ outcome: 'refreshed', isHandedOut: false, facts: { generation: 2 } });
    expect(await world.access()).toMatchObject({ access_token: 'access-token-1' });
    expect(await world.refresh()).toMatchObject({ outcome: 'fresh' });
    expect(await world.access()).toMatchObject({ access_token: 'access-token-2' });
    expect(world.cloud.calls.refresh).toBe(1);
  });

  test('a reply is not handed out over a newer access record that another attempt wrote meanwhile', async () => {
    const newer = projection(world.signedIn(3, 'another').reveal(), ['access_token']);
    world.secrets.meanwhile(async () => await world.secrets.write('live', liveKeys.access(id), newer), 2);
    expect(await world.refresh()).toMatchObject({ outcome: 'refreshed' });
    expect(await world.access()).toMatchObject({ access_token: 'access-token-2', mooring: { attempt_id: 'another' } });
  });

  test('a sealed reply of a replay removes the marker when it is stored', async () => {
    await world.change({ spending: world.marker(6_000) });
    const outcome = await sealedReply();
    expect(await storeSealed(outcome)).toBe('stored');
    expect((await world.renewal())?.mooring).toMatchObject({ generation: 2, spending: null });
  });

  test('a reply without a new refresh token keeps the old one in the record', async () => {
    const refresh = world.cloud.method.refresh.bind(world.cloud.method);
    Object.assign(world.cloud.method, {
      refresh: async (...context: Parameters<typeof refresh>) => {
        const issued = await refresh(...context);
        const { access_token } = issued.fields.reveal();
        return { ...issued, fields: new Secret({ access_token }) };
      },
    });
    await world.refresh();
    expect(await world.renewal()).toMatchObject({ access_token: 'access-token-2', refresh_token: 'refresh-token-1' });
  });
});

describe('the access record', () => {
  const renew = async () => {
    world.pass(DUE_MS);
    expect(await world.refresh()).toMatchObject({ outcome: 'refreshed' });
  };
  const readsOfAccess = () => {
    const reads: string[] = [];
    const real = world.secrets.read.bind(world.secrets);
    world.secrets.read = async (gate, key) => {
      reads.push(key);
      return await real(gate, key);
    };
    return () => reads.filter((key) => key === liveKeys.access(id)).length;
  };

  test('the access record is read by the first renewal of a process, and by none after it', async () => {
    const reads = readsOfAccess();
    await renew();
    expect(reads()).toBe(1);
    await renew();
    expect(reads()).toBe(1);
    expect(await world.access()).toMatchObject({ access_token: 'access-token-3', mooring: { generation: 3 } });
  });

  test('the access record is renewed although another process has written it since the last renewal', async () => {
    await renew();
    const other = projection({ ...world.signedIn(2, 'another attempt').reveal() }, ['access_token']);
    await world.secrets.write('live', liveKeys.access(id), other);
    await renew();
    expect(await world.access()).toMatchObject({ mooring: { generation: 3 } });
  });

  test('the access record is not written again after a disconnect', async () => {
    await renew();
    world.cloud.script('hold');
    world.pass(DUE_MS);
    const late = world.refresh();
    const release = await world.cloud.held();
    await world.secrets.destroy('live', liveKeys.access(id));
    release();
    await late;
    expect(await world.access()).toBeUndefined();
  });
});
