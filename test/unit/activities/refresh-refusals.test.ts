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
  ] as const)('that is %s has spent nothing: the marker goes at once', async (turn, expected) => {
    world.cloud.script(turn);
    expect(await world.refresh()).toMatchObject({ ...expected, facts: { generation: 1 } });
    expect((await world.renewal())?.mooring).toMatchObject({ generation: 1, spending: null });
    expect(await world.refresh(world.asked())).toMatchObject({ outcome: 'refreshed', replayed: false });
  });

  test('that refuses a rotating token without any doubt before it has revoked the access', async () => {
    world.cloud.withdraw();
    expect(await world.refresh()).toMatchObject({ outcome: 'refused', problem: { code: 'invalid_grant' } });
    expect((await world.renewal())?.mooring.spending).toBeNull();
  });

  test('whose marker could not be taken away again is not doubted for it: the refusal stays what it was', async () => {
    world.cloud.withdraw();
    world.secrets.fail('fails', { operation: 'write', after: 1 });
    expect(await world.refresh()).toMatchObject({ outcome: 'refused', problem: { code: 'invalid_grant' } });
  });
});

describe('a refusal where a renewal spends nothing', () => {
  beforeEach(async () => {
    world = await createUpkeepWorld({ rotates: false });
    world.pass(DUE_MS);
  });

  test('is doubted twice and believed the third time', async () => {
    world.cloud.script('refused', 'refused', 'refused');
    const problem = { code: 'access_refused' };
    expect(await world.refresh()).toMatchObject({ outcome: 'doubted', problem, facts: { generation: 1 } });
    expect(await refusals()).toBe(1);
    expect(await world.refresh()).toMatchObject({ outcome: 'doubted', problem });
    expect(await world.refresh()).toMatchObject({ outcome: 'refused', problem });
    expect(world.cloud.calls.refresh).toBe(3);
  });

  test('is forgotten with the next success', async () => {
    world.cloud.script('refused', 'refused', 'answer', 'refused', 'refused');
    await world.refresh();
    await world.refresh();
    expect(await world.refresh()).toMatchObject({ outcome: 'refreshed' });
    expect(await refusals()).toBe(0);
    world.pass(DUE_MS);
    expect(await world.refresh()).toMatchObject({ outcome: 'doubted' });
    expect(await world.refresh()).toMatchObject({ outcome: 'doubted' });
  });

  test('is not made worse by a cloud that is away in between', async () => {
    world.cloud.script('refused', 'unreachable', 'broken', 'refused', 'refused');
    const outcomes = [];
    for (let attempt = 0; attempt < 5; attempt++) outcomes.push((await world.refresh()).outcome);
    expect(outcomes).toEqual(['doubted', 'unavailable', 'unavailable', 'doubted', 'refused']);
  });

  test('is asked about again where it could not be counted', async () => {
    world.cloud.script('refused');
    world.secrets.fail('fails', { operation: 'write' });
    expect(await world.refresh()).toMatchObject({ outcome: 'doubted' });
    expect(await refusals()).toBe(0);
  });

  test('never leaves a marker', async () => {
    world.cloud.script('refused', 'broken');
    await world.refresh();
    await world.refresh();
    expect((await world.renewal())?.mooring.spending).toBeNull();
  });
});

describe("what the provider's gate is told, under the region's own key", () => {
  test.each([
    ['answer', [[KEY, 'answered', null, null]]],
    ['refused', [[KEY, 'answered', null, null]]],
    ['unreachable', [[KEY, 'unavailable', 'cloud_unreachable', null]]],
    ['broken', [[KEY, 'unavailable', 'cloud_unreachable', null]]],
    ['rate_limited', [[KEY, 'unavailable', 'cloud_rate_limited', 30]]],
    ['misconfigured', [[KEY, 'misconfigured', 'invalid_client', null]]],
  ] as const)('of a call that came to "%s"', async (turn, notes) => {
    world.cloud.script(turn);
    await world.refresh();
    expect(told()).toEqual(notes);
  });

  test('nothing, where nothing was asked of the cloud', async () => {
    world.secrets.fail('fails', { operation: 'write' });
    await world.refresh();
    await world.change({ next_refresh_at_ms: Date.parse('2040-01-01') });
    await world.refresh();
    expect(told()).toEqual([]);
  });

  test('that it answered, once the reply is stored: nothing is worth losing it over', async () => {
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
