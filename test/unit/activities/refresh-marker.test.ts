import { beforeEach, describe, expect, test } from 'vitest';
import { createRefreshProtocol } from '../../../activities/refresh/protocol.ts';
import { connection, createUpkeepWorld, due, DUE_MS, stopAttemptClock, type UpkeepWorld } from './upkeep-world.ts';

let world: UpkeepWorld;
beforeEach(async () => {
  world = await createUpkeepWorld();
  world.pass(DUE_MS);
});

const spending = async () => (await world.renewal())?.mooring.spending;
/** The same attempt in another worker: it shares only the stores with the first. */
const inAnotherProcess = () => createRefreshProtocol(world.deps)(connection, due);

describe("another attempt's marker", () => {
  test('a young marker of another attempt means busy while the request of that attempt may be under way', async () => {
    await world.change({ spending: world.marker(2_000) });
    expect(await world.refresh()).toMatchObject({ outcome: 'busy', retryInSeconds: 4, facts: { generation: 1 } });
    world.pass(3_999);
    expect(await world.refresh()).toMatchObject({ outcome: 'busy', retryInSeconds: 1 });
    expect(world.cloud.calls.refresh).toBe(0);
  });

  test('an old marker of another attempt is replaced by a replay marker, and the token is sent once more', async () => {
    await world.change({ spending: world.marker(6_000) });
    world.cloud.script('hold');
    const running = world.refresh();
    const release = await world.cloud.held();
    expect(await spending()).toMatchObject({ attempt_id: 'attempt-1', replay: true, replay_refused: false });
    release();
    expect(await running).toMatchObject({ outcome: 'refreshed', replayed: true });
    expect(world.cloud.calls).toMatchObject({ refresh: 1, spentTwice: 0 });
    expect(await spending()).toBeNull();
  });

  test('a marker from a machine whose clock is ahead is waited for until it is old, and no longer', async () => {
    await world.change({ spending: world.marker(-2_000) });
    expect(await world.refresh()).toMatchObject({ outcome: 'busy', retryInSeconds: 8 });
    world.pass(8_000);
    expect(await world.refresh()).toMatchObject({ outcome: 'refreshed', replayed: true });
  });

  test('a marker does not make a requested refresh spend where the stored credential answers the request', async () => {
    const asked = world.asked();
    world.pass(1_000);
    await world.refresh(world.asked({ requestId: 'another' }));
    await world.change({ spending: world.marker(10_000) });
    expect(await world.refresh(asked)).toMatchObject({ outcome: 'fresh', facts: { generation: 2 } });
  });

  test('an old marker that two workers find at once is replayed by one worker while the other waits', async () => {
    await world.change({ spending: world.marker(6_000) });
    const outcomes = await Promise.all([world.refresh(), inAnotherProcess()]);
    expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(['busy', 'refreshed']);
    expect(world.cloud.calls).toMatchObject({ refresh: 1, spentTwice: 0 });
  });
});

describe('a lost reply', () => {
  test('a lost reply leaves the marker, since the token may be spent', async () => {
    world.cloud.script('broken');
    expect(await world.refresh()).toMatchObject({ outcome: 'unavailable', facts: { generation: 1 } });
    expect(await spending()).toMatchObject({ attempt_id: 'attempt-1', replay: false });
  });

  test('a lost reply is recovered by a replay where the cloud has a grace period', async () => {
    world.cloud.grace = true;
    world.cloud.script('lost');
    await world.refresh();
    world.pass(6_000);
    expect(await world.refresh()).toMatchObject({ outcome: 'refreshed', replayed: true, facts: { generation: 2 } });
    expect(await world.renewal()).toMatchObject({ refresh_token: 'refresh-token-2' });
  });

  test('a lost reply is refused as rotation_response_lost where the cloud has no grace period', async () => {
    world.cloud.script('lost');
    expect(await world.refresh()).toMatchObject({ outcome: 'unavailable' });
    world.pass(6_000);
    // The refusal is not believed at once: the first attempt may be frozen and still hold the reply.
    expect(await world.refresh()).toMatchObject({ outcome: 'busy', retryInSeconds: 6 });
    expect(await spending()).toMatchObject({ replay: true, replay_refused: true });
    world.pass(6_000);
    expect(await world.refresh()).toMatchObject({ outcome: 'refused', problem: { code: 'rotation_response_lost' } });
    expect(world.cloud.calls).toMatchObject({ refresh: 2, spentTwice: 1 });
  });

  test('a requested refresh is refused and spends nothing where the reply is known to be lost', async () => {
    await world.change({ spending: world.marker(6_000, { replay: true, replay_refused: true }) });
    expect(await world.refresh(world.asked())).toMatchObject({ problem: { code: 'rotation_response_lost' } });
    expect(world.cloud.calls.refresh).toBe(0);
  });

  test('a reply does not count as lost while the refusal of its replay is young', async () => {
    await world.change({ spending: world.marker(5_999, { replay: true, replay_refused: true }) });
    expect(await world.refresh()).toMatchObject({ outcome: 'busy', retryInSeconds: 1 });
  });

  test('a reply is not lost where the frozen first attempt stores it before the refusal is believed', async () => {
    world.cloud.script('hold');
    const frozen = world.refresh();
    const thaw = await world.cloud.held();
    world.pass(7_000);
    // A successor in another process sends the token again: it is spent already, and the cloud refuses.
    expect(await inAnotherProcess()).toMatchObject({ outcome: 'busy', retryInSeconds: 6 });
    thaw();
    expect(await frozen).toMatchObject({ outcome: 'refreshed', facts: { generation: 2 } });
    world.pass(6_000);
    expect(await inAnotherProcess()).toMatchObject({ outcome: 'fresh', facts: { generation: 2 } });
    expect(await world.renewal()).toMatchObject({ refresh_token: 'refresh-token-2', mooring: { spending: null } });
  });

  test('a reply is not lost where the frozen first attempt stores it before the refusal is recorded', async () => {
    world.cloud.script('lost');
    await world.refresh();
    world.pass(6_000);
    // The first write of the replay is its marker. The reply is stored before the second, which records the refusal.
    const stored = world.signedIn(2, 'attempt-1');
    world.secrets.meanwhile(async () => await world.change(stored.reveal().mooring), 1);
    expect(await world.refresh()).toMatchObject({ outcome: 'busy' });
    world.pass(6_000);
    expect(await world.refresh()).toMatchObject({ outcome: 'fresh', facts: { generation: 2 } });
  });

  test('a lost reply is replayed again where the first replay did not reach the cloud', async () => {
    world.cloud.script('lost', 'unreachable');
    await world.refresh();
    world.pass(6_000);
    expect(await world.refresh()).toMatchObject({ outcome: 'unavailable' });
    expect(await spending()).toMatchObject({ replay: true });
    world.pass(6_000);
    expect(await world.refresh()).toMatchObject({ outcome: 'busy' });
    world.pass(6_000);
    expect(await world.refresh()).toMatchObject({ problem: { code: 'rotation_response_lost' } });
    expect(world.cloud.calls.spentTwice).toBe(1);
  });

  test('a lost reply is replayed again where the refusal of the first replay could not be recorded', async () => {
    world.cloud.script('lost');
    await world.refresh();
    world.pass(6_000);
    world.secrets.fail('fails', { operation: 'write', after: 1 });
    expect(await world.refresh()).toMatchObject({ outcome: 'busy' });
    expect(await spending()).toMatchObject({ replay: true, replay_refused: false });
    world.pass(6_000);
    expect(await world.refresh()).toMatchObject({ outcome: 'busy' });
    world.pass(6_000);
    expect(await world.refresh()).toMatchObject({ problem: { code: 'rotation_response_lost' } });
  });
});

describe('attempts of one process', () => {
  test('an attempt that was frozen past its timeout and its successor in the same process spend once', async () => {
    world.cloud.script('hold');
    const frozen = world.refresh();
    const release = await world.cloud.held();
    const successor = world.refresh();
    release();
    expect(await successor).toEqual(await frozen);
    expect(world.cloud.calls).toMatchObject({ refresh: 1, spentTwice: 0 });
  });

  test('a sealed reply is returned by the frozen attempt and by its successor in the same process', async () => {
    world.cloud.script('hold');
    const frozen = world.refresh();
    const release = await world.cloud.held();
    const successor = world.refresh();
    stopAttemptClock().pass(20_000);
    world.secrets.down = true;
    release();
    expect(await successor).toMatchObject({ outcome: 'sealed' });
    expect(await frozen).toEqual(await successor);
  });

  test('a requested refresh waits for a running attempt, and is answered by what that attempt issued', async () => {
    world.cloud.script('hold');
    const running = world.refresh();
    const release = await world.cloud.held();
    const asked = [world.refresh(world.asked({ requestId: 'a' })), world.refresh(world.asked({ requestId: 'b' }))];
    release();
    expect(await running).toMatchObject({ outcome: 'refreshed' });
    for (const outcome of await Promise.all(asked)) {
      expect(outcome).toMatchObject({ outcome: 'fresh', facts: { generation: 2 } });
    }
    expect(world.cloud.calls).toMatchObject({ refresh: 1, spentTwice: 0 });
  });

  test('a requested refresh waits for a running attempt, and spends where that attempt issued nothing', async () => {
    world.cloud.script('hold_unreachable');
    const running = world.refresh();
    const release = await world.cloud.held();
    const asked = world.refresh(world.asked());
    release();
    expect(await running).toMatchObject({ outcome: 'unavailable' });
    expect(await asked).toMatchObject({ outcome: 'refreshed', replayed: false });
    expect(world.cloud.calls.spentTwice).toBe(0);
  });

  test('several requested refreshes at once never spend a token twice', async () => {
    world.cloud.script('hold_unreachable');
    const running = world.refresh();
    const release = await world.cloud.held();
    const waiting = ['a', 'b', 'c'].map((requestId) => world.refresh(world.asked({ requestId })));
    release();
    await running;
    const asked = await Promise.all(waiting);
    expect(asked.map(({ outcome }) => outcome).filter((outcome) => outcome === 'refreshed')).toHaveLength(1);
    expect(world.cloud.calls.spentTwice).toBe(0);
    expect((await world.renewal())?.mooring).toMatchObject({ generation: 2, spending: null });
  });

  test('attempts of one process that begin at the same moment spend once', async () => {
    world = await createUpkeepWorld({ rotates: false });
    world.pass(DUE_MS);
    const outcomes = await Promise.all([world.refresh(), world.refresh(), world.refresh(world.asked())]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['refreshed', 'refreshed', 'fresh']);
    expect(world.cloud.calls.refresh).toBe(1);
  });

  test('requested refreshes that wait for one attempt run one by one, and the first answers the others', async () => {
    world = await createUpkeepWorld({ rotates: false });
    world.pass(DUE_MS);
    world.cloud.script('hold_unreachable');
    const running = world.refresh();
    const release = await world.cloud.held();
    const waiting = ['a', 'b', 'c'].map((requestId) => world.refresh(world.asked({ requestId })));
    release();
    await running;
    expect((await Promise.all(waiting)).map(({ outcome }) => outcome)).toEqual(['refreshed', 'fresh', 'fresh']);
    expect(world.cloud.calls.refresh).toBe(2);
  });

  test('a requested refresh that waited too long for another attempt is busy and spends nothing', async () => {
    const clock = stopAttemptClock();
    world.cloud.script('hold_unreachable');
    const running = world.refresh();
    const release = await world.cloud.held();
    const asked = world.refresh(world.asked());
    clock.pass(6_000);
    release();
    await running;
    expect(await asked).toMatchObject({ outcome: 'busy', retryInSeconds: 1 });
    expect(world.cloud.calls.refresh).toBe(1);
  });

  test('attempts for different connections do not wait for each other', async () => {
    world.cloud.script('hold');
    const running = world.refresh();
    const release = await world.cloud.held();
    const protocol = createRefreshProtocol(world.deps);
    const other = { ...connection, id: 'con_bbbbbbbbbbbbbbbbbbbbbbbbbb' };
    expect(await protocol(other, due)).toMatchObject({ outcome: 'refused' });
    release();
    await running;
  });

  test('an attempt succeeds although the one before it in the same process threw', async () => {
    const providers = world.deps.providers;
    const deps = { ...world.deps, providers: new Map() as typeof providers };
    const protocol = createRefreshProtocol(deps);
    await expect(protocol(connection, due)).rejects.toThrow('deploy one that has');
    (deps as { providers: typeof providers }).providers = providers;
    expect(await protocol(connection, due)).toMatchObject({ outcome: 'refreshed', replayed: false });
  });
});
