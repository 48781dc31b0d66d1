import { describe, expect, test } from 'vitest';
import { createRefreshCredential } from '../../../activities/refresh-credential.ts';
import { createRefreshGate } from '../../../activities/refresh/gate.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import { connection, createUpkeepWorld, inActivity, refreshInput } from './upkeep-world.ts';

const local = { isLocal: true };

describe('refreshing as an activity', () => {
  test('two executions in one process are one spending', async () => {
    const { deps, cloud } = await createUpkeepWorld();
    const refreshCredential = createRefreshCredential(deps);
    cloud.script('hold');
    const frozen = inActivity(refreshCredential, refreshInput('attempt'), local);
    const release = await cloud.held();
    const successor = inActivity(refreshCredential, refreshInput('attempt'), local);
    release();
    expect(await successor).toEqual(await frozen);
    expect(cloud.calls).toMatchObject({ refresh: 1, spentTwice: 0 });
  });

  test('local ones beyond the cap are sent to the upkeep queue, regular ones are not counted', async () => {
    const { deps, cloud } = await createUpkeepWorld({ cap: 1 });
    const refreshCredential = createRefreshCredential(deps);
    const other = { ...refreshInput('other'), connection: { ...connection, id: 'con_bbbbbbbbbbbbbbbbbbbbbbbbbb' } };
    cloud.script('hold');
    const first = inActivity(refreshCredential, refreshInput('attempt'), local);
    const release = await cloud.held();
    expect(await inActivity(refreshCredential, other, local)).toEqual({ outcome: 'saturated' });
    expect(await inActivity(refreshCredential, other)).toMatchObject({ outcome: 'refused' });
    release();
    await first;
    expect(await inActivity(refreshCredential, other, local)).not.toMatchObject({ outcome: 'saturated' });
  });

  test('publishes the view with the new credential placed in time, for readers that need no worker', async () => {
    const { deps, ephemeral } = await createUpkeepWorld();
    await inActivity(createRefreshCredential(deps), refreshInput('attempt'), local);
    expect(await ephemeral.get(ephemeralKeys.view(connection.id))).toMatchObject({
      credential: { generation: 2, expiresAt: '2030-01-01T01:00:00.000Z', nextRefreshAt: '2030-01-01T00:48:00.000Z' },
    });
  });
});

describe('the gate before local refreshes', () => {
  test('closes after five failures in a row and opens with a success, or a minute later', () => {
    let now = 0;
    const gate = createRefreshGate({ cap: 50, now: () => now });
    const fail = (times: number) => {
      for (let count = 0; count < times; count++) gate.note('cloud', 'unavailable');
    };
    fail(4);
    gate.enter('cloud')?.();
    expect(gate.enter('cloud')).toBeDefined();
    fail(1);
    expect(gate.enter('cloud')).toBeUndefined();
    expect(gate.enter('another cloud')).toBeDefined();
    gate.note('cloud', 'refreshed');
    expect(gate.enter('cloud')).toBeDefined();
    fail(5);
    now += 59_999;
    expect(gate.enter('cloud')).toBeUndefined();
    now += 1;
    expect(gate.enter('cloud')).toBeDefined();
  });

  test('counts a place as free when its refresh has ended', () => {
    const gate = createRefreshGate({ cap: 1, now: () => 0 });
    const leave = gate.enter('cloud');
    expect(gate.enter('cloud')).toBeUndefined();
    leave?.();
    expect(gate.enter('cloud')).toBeDefined();
  });
});
