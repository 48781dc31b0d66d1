import { beforeEach, describe, expect, test } from 'vitest';
import { createUpkeepWorld, DUE_MS, type UpkeepWorld } from './upkeep-world.ts';

const KEY = 'ovh.ovh-eu';
let world: UpkeepWorld;
beforeEach(async () => {
  world = await createUpkeepWorld();
  world.pass(DUE_MS);
});

const refusals = async () => (await world.renewal())?.mooring.refusals;
const told = () => world.notes.map(([key, result, problem, seconds]) => [key, result, problem?.code ?? null, seconds]);

describe('a cloud', () => {
  test.each([
    ['unreachable', { outcome: 'unavailable', retryAfterSeconds: null, problem: { code: 'cloud_unreachable' } }],
    ['rate_limited', { outcome: 'unavailable', retryAfterSeconds: 30, problem: { code: 'cloud_rate_limited' } }],
    ['misconfigured', { outcome: 'unavailable', retryAfterSeconds: null, problem: { code: 'invalid_client' } }],
  ] as const)('a cloud that is %s has spent nothing, and the marker is removed at once', async (turn, expected) => {
    world.cloud.script(turn);
    expect(await world.refresh()).toMatchObject({ ...expected, facts: { generation: 1 } });
    expect((await world.renewal())?.mooring).toMatchObject({ generation: 1, spending: null });
    expect(await world.refresh(world.asked())).toMatchObject({ outcome: 'refreshed', replayed: false });
  });

  test('the refusal of a rotating token is final at once where no reply was lost before', async () => {
    world.cloud.withdraw();
    expect(await world.refresh()).toMatchObject({ outcome: 'refused', problem: { code: 'invalid_grant' } });
    expect((await world.renewal())?.mooring.spending).toBeNull();
  });

  test('the refusal of a rotating token is final although its marker could not be removed', async () => {
    world.cloud.withdraw();
    world.secrets.fail('fails', { operation: 'write', after: 1 });
    expect(await world.refresh()).toMatchObject({ outcome: 'refused', problem: { code: 'invalid_grant' } });
  });
});

describe('a refusal of a token that does not rotate', () => {
  beforeEach(async () => {
    world = await createUpkeepWorld({ rotates: false });
    world.pass(DUE_MS);
  });

  test('the refusal of a token that does not rotate is doubted twice and final the third time', async () => {
    world.cloud.script('refused', 'refused', 'refused');
    const problem = { code: 'access_refused' };
    expect(await world.refresh()).toMatchObject({ outcome: 'doubted', problem, facts: { generation: 1 } });
    expect(await refusals()).toBe(1);
    expect(await world.refresh()).toMatchObject({ outcome: 'doubted', problem });
    expect(await world.refresh()).toMatchObject({ outcome: 'refused', problem });
    expect(world.cloud.calls.refresh).toBe(3);
  });

  test('the count of refusals starts again after the next success', async () => {
    world.cloud.script('refused', 'refused', 'answer', 'refused', 'refused');
    await world.refresh();
    await world.refresh();
    expect(await world.refresh()).toMatchObject({ outcome: 'refreshed' });
    expect(await refusals()).toBe(0);
    world.pass(DUE_MS);
    expect(await world.refresh()).toMatchObject({ outcome: 'doubted' });
    expect(await world.refresh()).toMatchObject({ outcome: 'doubted' });
  });

  test('the count of refusals does not rise while the cloud is unavailable in between', async () => {
    world.cloud.script('refused', 'unreachable', 'broken', 'refused', 'refused');
    const outcomes = [];
    for (let attempt = 0; attempt < 5; attempt++) outcomes.push((await world.refresh()).outcome);
    expect(outcomes).toEqual(['doubted', 'unavailable', 'unavailable', 'doubted', 'refused']);
  });

  test('a refusal that could not be counted is doubted', async () => {
    world.cloud.script('refused');
    world.secrets.fail('fails', { operation: 'write' });
    expect(await world.refresh()).toMatchObject({ outcome: 'doubted' });
    expect(await refusals()).toBe(0);
  });

  test('a token that does not rotate never leaves a marker', async () => {
    world.cloud.script('refused', 'broken');
    await world.refresh();
    await world.refresh();
    expect((await world.renewal())?.mooring.spending).toBeNull();
  });
});

describe("what is reported to the provider's gate, under the region's own key", () => {
  test.each([
    ['answer', [[KEY, 'answered', null, null]]],
    ['refused', [[KEY, 'answered', null, null]]],
    ['unreachable', [[KEY, 'unavailable', 'cloud_unreachable', null]]],
    ['broken', [[KEY, 'unavailable', 'cloud_unreachable', null]]],
    ['rate_limited', [[KEY, 'unavailable', 'cloud_rate_limited', 30]]],
    ['misconfigured', [[KEY, 'misconfigured', 'invalid_client', null]]],
  ] as const)('the provider’s gate is notified of a call whose outcome is "%s"', async (turn, notes) => {
    world.cloud.script(turn);
    await world.refresh();
    expect(told()).toEqual(notes);
  });

  test('the provider’s gate is not notified where the cloud was not called', async () => {
    world.secrets.fail('fails', { operation: 'write' });
    await world.refresh();
    await world.change({ next_refresh_at_ms: Date.parse('2040-01-01') });
    await world.refresh();
    expect(told()).toEqual([]);
  });

  test('the provider’s gate is notified only after the reply is stored', async () => {
    const seen: (number | undefined)[] = [];
    const note = world.deps.gate.note.bind(world.deps.gate);
    Object.assign(world.deps.gate, {
      note: async (...args: Parameters<typeof note>) => {
        seen.push((await world.renewal())?.mooring.generation);
        await note(...args);
      },
    });
    await world.refresh();
    expect(seen).toEqual([2]);
  });
});
