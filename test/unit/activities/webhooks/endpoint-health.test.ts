import { beforeEach, describe, expect, test } from 'vitest';
import { createEndpointHealth, type EndpointHealth } from '../../../../activities/webhooks/endpoint-health.ts';
import { createLogger } from '../../../../platform/logger.ts';
import { Secret } from '../../../../platform/secret.ts';
import { EphemeralStoreUnavailable } from '../../../../stores/ephemeral/port.ts';
import { SecretStoreConflict } from '../../../../stores/secrets/port.ts';
import type { EndpointChange, StoredEndpoint } from '../../../../stores/webhooks/port.ts';
import type { ToTell } from '../../../../stores/webhooks/tell-endpoints.ts';
import { createManualClock, type ManualClock } from '../../../contract/manual-clock.ts';

const HOUR = 3_600;
const DAY = 24 * HOUR;
const id = `whe_${'a'.repeat(26)}`;

let clock: ManualClock;
let stored: StoredEndpoint;
let changes: EndpointChange[];
let told: ToTell[];
let counts: Map<string, number>;
let away: { others: boolean; ephemeral: boolean; conflict: boolean };
let health: EndpointHealth;

beforeEach(() => {
  clock = createManualClock();
  stored = {
    endpoint: {
      id,
      tenant: 'acme',
      url: 'https://hooks.example/secret-path?key=1',
      description: null,
      types: [],
      providers: [],
      tags: [],
      createdAt: '2026-01-01T00:00:00.000Z',
      updatedAt: '2026-01-01T00:00:00.000Z',
      disabled: null,
      failing: null,
    },
    signing: { current: new Secret('whsec_aaaa'), previous: null },
    version: 1,
  };
  changes = [];
  told = [];
  counts = new Map();
  away = { others: false, ephemeral: false, conflict: false };
  health = createEndpointHealth({
    endpoints: {
      change: async (before, change) => {
        if (away.conflict) throw new SecretStoreConflict('Changed meanwhile.');
        changes.push(change);
        stored = { ...before, endpoint: { ...before.endpoint, ...change }, version: before.version + 1 };
        return stored;
      },
    },
    ephemeral: {
      delete: async (key) => {
        if (away.ephemeral) throw new EphemeralStoreUnavailable('away');
        counts.delete(key);
      },
      increment: async (key) => {
        if (away.ephemeral) throw new EphemeralStoreUnavailable('away');
        counts.set(key, (counts.get(key) ?? 0) + 1);
        return { count: counts.get(key) ?? 0, resetSeconds: 1 };
      },
    },
    tellEndpoints: async (toTell) => {
      if (away.others) throw new Error('away');
      told.push(toTell);
    },
    clock,
    logger: createLogger('worker', 'silent'),
  });
});

const fails = async (times = 1): Promise<boolean> => {
  let disabled = false;
  for (let n = 0; n < times; n++) disabled = await health.failed(stored);
  return disabled;
};
const toldTypes = () => told.flatMap(({ events }) => events.map(({ type }) => type));

describe('an endpoint', () => {
  test('its record is written when it begins to fail and when it takes events again, not with each delivery', async () => {
    await health.succeeded(stored);
    expect(changes).toEqual([]);
    await fails(5);
    expect(changes).toEqual([{ failing: { since: '2026-11-23T08:00:00.000Z', attempts: 1, warnedAt: null } }]);
    await health.succeeded(stored);
    expect(changes.at(-1)).toEqual({ failing: null });
  });

  test('after a day of failures alone the other endpoints are warned once, with the day on which it is disabled', async () => {
    await fails();
    clock.advance(DAY - 1);
    await fails();
    expect(told).toEqual([]);
    clock.advance(1);
    await fails(3);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({
      tenant: 'acme',
      except: id,
      events: [
        {
          type: 'webhook_endpoint.failing',
          data: { disablesAt: '2026-11-28T08:00:00.000Z', failing: { attempts: 3 } },
        },
      ],
    });
    expect(stored.endpoint.failing).toMatchObject({ attempts: 3, warnedAt: '2026-11-24T08:00:00.000Z' });
  });

  test('after five days and ten failures it is disabled, and the others are told', async () => {
    await fails();
    clock.advance(DAY);
    await fails(8);
    clock.advance(4 * DAY);
    expect(await fails()).toBe(true);
    expect(stored.endpoint).toMatchObject({ disabled: { reason: 'failing', at: '2026-11-28T08:00:00.000Z' } });
    expect(toldTypes()).toEqual(['webhook_endpoint.failing', 'webhook_endpoint.disabled']);
  });

  test('with fewer than ten failures it is not disabled', async () => {
    await fails();
    clock.advance(DAY);
    await fails(7);
    clock.advance(9 * DAY);
    expect(await fails()).toBe(false);
    expect(await fails()).toBe(true);
  });

  test('one that was quiet for days is not disabled by failures of one moment: it is warned of, and has half a day', async () => {
    await fails();
    clock.advance(10 * DAY);
    expect(await fails(20)).toBe(false);
    expect(toldTypes()).toEqual(['webhook_endpoint.failing']);
    expect(told[0]?.events[0]?.data).toMatchObject({ disablesAt: '2026-12-03T20:00:00.000Z' });
    clock.advance(12 * HOUR - 1);
    expect(await fails()).toBe(false);
    clock.advance(1);
    expect(await fails()).toBe(true);
  });

  test('it is warned of again where the first warning could not be told', async () => {
    await fails();
    clock.advance(DAY);
    away.others = true;
    await fails();
    expect(stored.endpoint.failing).toMatchObject({ warnedAt: null });
    away.others = false;
    await fails();
    expect(toldTypes()).toEqual(['webhook_endpoint.failing']);
  });

  test('one that is gone is disabled at once, also where the others cannot be told', async () => {
    away.others = true;
    await health.isGone(stored);
    expect(stored.endpoint.disabled).toMatchObject({ reason: 'gone' });
  });

  test('one outage is one event, however often it is told, and the next outage is another', async () => {
    await health.isGone({
      ...stored,
      endpoint: { ...stored.endpoint, failing: { since: '2026-11-23T00:00:00.000Z', attempts: 1, warnedAt: null } },
    });
    clock.advance(1);
    await health.isGone({
      ...stored,
      endpoint: { ...stored.endpoint, failing: { since: '2026-11-23T00:00:00.000Z', attempts: 1, warnedAt: null } },
    });
    await health.isGone({
      ...stored,
      endpoint: { ...stored.endpoint, failing: { since: '2026-11-24T00:00:00.000Z', attempts: 1, warnedAt: null } },
    });
    const ids = told.flatMap(({ events }) => events.map((event) => event.id));
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(ids[0]).not.toContain('.');
  });

  test('others are not told its path, which may be a secret', async () => {
    await health.isGone(stored);
    expect(JSON.stringify(told)).toContain('https://hooks.example');
    expect(JSON.stringify(told)).not.toContain('secret-path');
  });

  test('a change by another delivery at the same time, and a missing ephemeral store, fail no delivery', async () => {
    away.conflict = true;
    await expect(health.failed(stored)).resolves.toBe(false);
    away.conflict = false;
    away.ephemeral = true;
    await fails(2);
    expect(stored.endpoint.failing).toMatchObject({ attempts: 1 });
  });
});
