import { beforeEach, describe, expect, test } from 'vitest';
import { connectionEvent } from '../../../contracts/webhook-events.ts';
import type { DeliveryInput, WebhookEvent } from '../../../contracts/webhooks.ts';
import { createLogger } from '../../../platform/logger.ts';
import type { Json } from '../../../platform/json.ts';
import { EphemeralStoreUnavailable } from '../../../stores/ephemeral/port.ts';
import type { StoredEndpoint, WebhookEndpoint } from '../../../stores/webhooks/port.ts';
import { createTellEndpoints, type TellEndpoints } from '../../../stores/webhooks/tell-endpoints.ts';
import { createManualClock, type ManualClock } from '../../contract/manual-clock.ts';

const endpoint = (id: string, more: Partial<WebhookEndpoint> = {}): WebhookEndpoint => ({
  id,
  tenant: 'acme',
  url: 'https://example.com/hooks',
  description: null,
  types: [],
  providers: [],
  tags: [],
  createdAt: '2030-01-01T00:00:00.000Z',
  updatedAt: '2030-01-01T00:00:00.000Z',
  disabled: null,
  failing: null,
  ...more,
});

const event = (sequence: number, more: { tags?: string[]; provider?: string } = {}): WebhookEvent =>
  connectionEvent('connection.paused', '2030-01-01T00:00:00.000Z', {
    connection: {
      id: 'con_a',
      tenant: 'acme',
      provider: more.provider ?? 'ovh',
      region: 'ovh-eu',
      method: 'authorization_code',
      name: null,
      tags: more.tags ?? [],
      account: null,
      status: 'paused',
      statusSince: '2030-01-01T00:00:00.000Z',
    },
    previousStatus: 'active',
    sequence,
    problem: null,
  });

let clock: ManualClock;
let listed: WebhookEndpoint[];
let lists: number;
let started: DeliveryInput[];
let kept: { stream: string; value: Json }[];
let away: { store: boolean; temporal: boolean; ephemeral: boolean };
let tell: TellEndpoints;

beforeEach(() => {
  clock = createManualClock();
  listed = [endpoint('whe_all')];
  lists = 0;
  started = [];
  kept = [];
  away = { store: false, temporal: false, ephemeral: false };
  tell = createTellEndpoints({
    endpoints: {
      list: async () => {
        lists += 1;
        if (away.store) throw new Error('The secret store is away.');
        return listed.map((one) => ({ endpoint: one }) as StoredEndpoint);
      },
    },
    deliveries: {
      start: async (input) => {
        if (away.temporal) throw new Error('Temporal is away.');
        started.push(input);
      },
    },
    ephemeral: {
      append: async (stream, value) => {
        if (away.ephemeral) throw new EphemeralStoreUnavailable('Redis is away.');
        kept.push({ stream, value });
        return '1';
      },
    },
    clock,
    logger: createLogger('worker', 'silent'),
  });
});

const tellAll = async (...events: WebhookEvent[]) => await tell({ tenant: 'acme', events });
const told = () => started.map((delivery) => `${delivery.endpoint} ${delivery.event.id}`);

describe('telling endpoints', () => {
  test('a delivery is started for each event and each endpoint, and the events are kept for replays', async () => {
    listed = [endpoint('whe_one'), endpoint('whe_two')];
    await tellAll(event(1), event(2));
    expect(told().toSorted()).toEqual([
      'whe_one evt_con_a_1_paused',
      'whe_one evt_con_a_2_paused',
      'whe_two evt_con_a_1_paused',
      'whe_two evt_con_a_2_paused',
    ]);
    expect(kept.map(({ stream }) => stream)).toEqual(['webhook-events:acme', 'webhook-events:acme']);
    expect(kept[0]?.value).toEqual(event(1));
  });

  test('an endpoint gets the types, providers and tags that it chose, and all where it chose none', async () => {
    listed = [
      endpoint('whe_all'),
      endpoint('whe_type', { types: ['connection.connected'] }),
      endpoint('whe_provider', { providers: ['aws'] }),
      endpoint('whe_tag', { tags: ['blue', 'green'] }),
      endpoint('whe_fits', { types: ['connection.paused'], providers: ['ovh'], tags: ['green'] }),
    ];
    await tellAll(event(1, { tags: ['green', 'red'] }));
    expect(started.map(({ endpoint: id }) => id)).toEqual(['whe_all', 'whe_tag', 'whe_fits']);
  });

  test('an event that is no connection’s passes the filters of connections', async () => {
    listed = [endpoint('whe_filtered', { providers: ['aws'], tags: ['blue'] }), endpoint('whe_itself')];
    const failing: WebhookEvent = { id: 'evt_1', type: 'webhook_endpoint.failing', timestamp: '', data: {} };
    await tell({ tenant: 'acme', events: [failing], except: 'whe_itself' });
    expect(started.map(({ endpoint: id }) => id)).toEqual(['whe_filtered']);
  });

  test('a disabled endpoint is told nothing; what it misses is kept', async () => {
    listed = [endpoint('whe_off', { disabled: { at: '2030-01-01T00:00:00.000Z', reason: 'requested' } })];
    await tellAll(event(1));
    expect(started).toEqual([]);
    expect(kept).toHaveLength(1);
  });

  test('the list of a tenant is read once in ten seconds, however many of its connections have news', async () => {
    listed = [];
    for (let n = 0; n < 100; n++) await tellAll(event(n));
    expect(lists).toBe(1);
    clock.advance(10);
    listed = [endpoint('whe_new')];
    await tellAll(event(1));
    expect(lists).toBe(2);
    expect(started).toHaveLength(1);
  });

  test('it rejects while the endpoints cannot be read, or a delivery cannot be started', async () => {
    away.store = true;
    await expect(tellAll(event(1))).rejects.toThrow('away');
    away.store = false;
    clock.advance(10);
    away.temporal = true;
    await expect(tellAll(event(1))).rejects.toThrow('away');
    away.temporal = false;
    await tellAll(event(1));
    expect(told()).toEqual(['whe_all evt_con_a_1_paused']);
  });

  test('without the ephemeral store the deliveries are started all the same', async () => {
    away.ephemeral = true;
    await tellAll(event(1));
    expect(started).toHaveLength(1);
  });
});
