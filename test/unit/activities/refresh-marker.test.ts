import { beforeEach, describe, expect, test } from 'vitest';
import { createRefreshProtocol } from '../../../activities/refresh/protocol.ts';
import { connection, createUpkeepWorld, due, DUE_MS, stopAttemptClock, type UpkeepWorld } from './upkeep-world.ts';

let world: UpkeepWorld;
beforeEach(async () => {
  world = await createUpkeepWorld();
  world.pass(DUE_MS);
});

const spending = async () => (await world.renewal())?.mooring.spending;
/** The same attempt in a worker of its own: it shares nothing with the first but the stores. */
const inAnotherProcess = () => createRefreshProtocol(world.deps)(connection, due);

describe("another attempt's marker", () => {
  test('that is young means busy, for as long as its request may still be under way', async () => {
    await world.change({ spending: world.marker(2_000) });
    expect(await world.refresh()).toMatchObject({ outcome: 'busy', retryInSeconds: 4, facts: { generation: 1 } });
    world.pass(3_999);
    expect(await world.refresh()).toMatchObject({ outcome: 'busy', retryInSeconds: 1 });
    expect(world.cloud.calls.refresh).toBe(0);
  });

  test('that is old is replaced by our own, marked as a replay, and its spending is repeated once', async () => {
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

  test('of a machine whose clock is ahead is waited out, and not for longer than that', async () => {
    await world.change({ spending: world.marker(-2_000) });
    expect(await world.refresh()).toMatchObject({ outcome: 'busy', retryInSeconds: 8 });
    world.pass(8_000);
    expect(await world.refresh()).toMatchObject({ outcome: 'refreshed', replayed: true });
  });

  test('is no reason to spend for who asked, where what is stored answers the request', async () => {
    const asked = world.asked();
    world.pass(1_000);
    await world.refresh(world.asked({ requestId: 'another' }));
    await world.change({ spending: world.marker(10_000) });
    expect(await world.refresh(asked)).toMatchObject({ outcome: 'fresh', facts: { generation: 2 } });
  });

  test('is found by two workers at once: one repeats the spending, the other waits', async () => {
    await world.change({ spending: world.marker(6_000) });
    const outcomes = await Promise.all([world.refresh(), inAnotherProcess()]);
    expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(['busy', 'refreshed']);
    expect(world.cloud.calls).toMatchObject({ refresh: 1, spentTwice: 0 });
  });
});

describe('an answer that was lost', () => {
  test('leaves the marker: the token may be spent', async () => {
    world.cloud.script('broken');
    expect(await world.refresh()).toMatchObject({ outcome: 'unavailable', facts: { generation: 1 } });
    expect(await spending()).toMatchObject({ attempt_id: 'attempt-1', replay: false });
  });

  test('costs nothing where the cloud has a grace', async () => {
    world.cloud.grace = true;
    world.cloud.script('lost');
    await world.refresh();
    world.pass(6_000);
    expect(await world.refresh()).toMatchObject({ outcome: 'refreshed', replayed: true, facts: { generation: 2 } });
    expect(await world.renewal()).toMatchObject({ refresh_token: 'refresh-token-2' });
  });

  test('costs the connection a re-authorisation where it has none, and says exactly that', async () => {
    world.cloud.script('lost');
    expect(await world.refresh()).toMatchObject({ outcome: 'unavailable' });
    world.pass(6_000);
    // Not believed at once: the first attempt may be frozen, with the reply in its hand.
    expect(await world.refresh()).toMatchObject({ outcome: 'busy', retryInSeconds: 6 });
    expect(await spending()).toMatchObject({ replay: true, replay_refused: true });
    world.pass(6_000);
    expect(await world.refresh()).toMatchObject({ outcome: 'refused', problem: { code: 'rotation_response_lost' } });
    expect(world.cloud.calls).toMatchObject({ refresh: 2, spentTwice: 1 });
  });

  test('is told as lost to who asks for a refresh too, and spends nothing more', async () => {
    await world.change({ spending: world.marker(6_000, { replay: true, replay_refused: true }) });
    expect(await world.refresh(world.asked())).toMatchObject({ problem: { code: 'rotation_response_lost' } });
    expect(world.cloud.calls.refresh).toBe(0);
  });

  test('is not believed to be lost while the refusal of its replay is young', async () => {
    await world.change({ spending: world.marker(5_999, { replay: true, replay_refused: true }) });
    expect(await world.refresh()).toMatchObject({ outcome: 'busy', retryInSeconds: 1 });
  });

  test('was not lost where the frozen first attempt stores it after all, before the refusal is believed', async () => {
    world.cloud.script('hold');
    const frozen = world.refresh();
    const thaw = await world.cloud.held();
    world.pass(7_000);
    // A successor in another process repeats the spending: the token is spent, and the cloud refuses.
    expect(await inAnotherProcess()).toMatchObject({ outcome: 'busy', retryInSeconds: 6 });
    thaw();
    expect(await frozen).toMatchObject({ outcome: 'refreshed', facts: { generation: 2 } });
    world.pass(6_000);
    expect(await inAnotherProcess()).toMatchObject({ outcome: 'fresh', facts: { generation: 2 } });
    expect(await world.renewal()).toMatchObject({ refresh_token: 'refresh-token-2', mooring: { spending: null } });
  });

  test('was not lost where the frozen first attempt stores it between the refusal and its note', async () => {
    world.cloud.script('lost');
    await world.refresh();
    world.pass(6_000);
    // The first write of the replay is its marker; before the second, which notes the refusal, the reply is stored.
    const stored = world.signedIn(2, 'attempt-1');
    world.secrets.meanwhile(async () => await world.change(stored.reveal().mooring), 1);
    expect(await world.refresh()).toMatchObject({ outcome: 'busy' });
    world.pass(6_000);
    expect(await world.refresh()).toMatchObject({ outcome: 'fresh', facts: { generation: 2 } });
  });

  test('keeps its doubt through a replay that did not leave', async () => {
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

  test('is asked for once more where the refusal of its replay could not be noted', async () => {
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
  test('are one spending: an attempt that was frozen past its time-out runs on beside its successor', async () => {
    world.cloud.script('hold');
    const frozen = world.refresh();
    const release = await world.cloud.held();
    const successor = world.refresh();
    release();
    expect(await successor).toEqual(await frozen);
    expect(world.cloud.calls).toMatchObject({ refresh: 1, spentTwice: 0 });
  });

  test('bring a sealed reply to both, since only the successor is still heard', async () => {
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

  test('of which one was asked for: it reads the record once the other has ended, and is answered by it', async () => {
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

  test('of which one was asked for: it spends where the other has issued nothing', async () => {
    world.cloud.script('hold_unreachable');
    const running = world.refresh();
    const release = await world.cloud.held();
    const asked = world.refresh(world.asked());
    release();
    expect(await running).toMatchObject({ outcome: 'unavailable' });
    expect(await asked).toMatchObject({ outcome: 'refreshed', replayed: false });
    expect(world.cloud.calls.spentTwice).toBe(0);
  });

  test('of several callers at once never spend a token twice', async () => {
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

  test('that begin in the same moment are one spending', async () => {
    world = await createUpkeepWorld({ rotates: false });
    world.pass(DUE_MS);
    const outcomes = await Promise.all([world.refresh(), world.refresh(), world.refresh(world.asked())]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['refreshed', 'refreshed', 'fresh']);
    expect(world.cloud.calls.refresh).toBe(1);
  });

  test('of several callers that wait for one are made one after the other', async () => {
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

  test('of which one was asked for, and waited too long for the other, spends nothing: its answer would come too late', async () => {
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

  test('do not wait for each other where they are of different connections', async () => {
    world.cloud.script('hold');
    const running = world.refresh();
    const release = await world.cloud.held();
    const protocol = createRefreshProtocol(world.deps);
    const other = { ...connection, id: 'con_bbbbbbbbbbbbbbbbbbbbbbbbbb' };
    expect(await protocol(other, due)).toMatchObject({ outcome: 'refused' });
    release();
    await running;
  });

  test('go on after one that threw', async () => {
    const providers = world.deps.providers;
    const deps = { ...world.deps, providers: new Map() as typeof providers };
    const protocol = createRefreshProtocol(deps);
    await expect(protocol(connection, due)).rejects.toThrow('deploy one that has');
    (deps as { providers: typeof providers }).providers = providers;
    expect(await protocol(connection, due)).toMatchObject({ outcome: 'refreshed', replayed: false });
  });
});
