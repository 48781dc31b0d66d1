import { MockActivityEnvironment } from '@temporalio/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { join } from 'node:path';
import { createEstimateReplay, createReplayPage } from '../../../../activities/webhooks/replay-page.ts';
import type { FoundDelivery, ReplayedDeliveries } from '../../../../activities/webhooks/replay-ports.ts';
import { deliveryWorkflowId, type DeliveryStatus, type WebhookEvent } from '../../../../contracts/webhooks.ts';
import type { ReplayPageInput, ReplayPageOutcome, ReplayPosition } from '../../../../contracts/webhook-replays.ts';
import { KeyRing } from '../../../../platform/key-ring.ts';
import { createSqliteEphemeralStore } from '../../../../stores/ephemeral/sqlite.ts';
import { createSqliteSecretStore } from '../../../../stores/secrets/sqlite.ts';
import { ephemeralKeys } from '../../../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../../../stores/ephemeral/port.ts';
import type { Json } from '../../../../platform/json.ts';
import { createWebhookEndpoints } from '../../../../stores/webhooks/endpoints.ts';
import type { StoredEndpoint, WebhookEndpoints } from '../../../../stores/webhooks/port.ts';
import { createManualClock } from '../../../contract/manual-clock.ts';
import '../../../support/quiet-temporal.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const SINCE = '2026-11-20T00:00:00.000Z';
const STARTED = '2026-11-23T08:00:00.000Z';

/** Deliveries as Temporal would have them: each start is remembered, and lists are of those that ended before. */
function createDeliveries(pageSize: number) {
  const all = new Map<string, FoundDelivery>();
  const started: string[] = [];
  let failAfter = Infinity;
  const deliveries: ReplayedDeliveries = {
    count: async ({ failedOnly }) => await Promise.resolve(idsOf(failedOnly).length),
    async page({ failedOnly }, token) {
      const from = Number(token ?? 0);
      const ids = idsOf(failedOnly);
      const next = from + pageSize < ids.length ? String(from + pageSize) : null;
      return await Promise.resolve({ ids: ids.slice(from, from + pageSize), next });
    },
    find: async (id) => await Promise.resolve(all.get(id)),
    async startAgain({ endpoint, event }) {
      if (started.length >= failAfter) throw new Error('The worker was killed.');
      const id = deliveryWorkflowId(endpoint, event.id);
      if (all.get(id)?.isRunning) return await Promise.resolve();
      started.push(event.id);
      all.set(id, found(endpoint, event, 'pending', '2026-11-23T08:00:01.000Z'));
    },
  };
  /** Visibility has every run: that one was started again does not change the row of the run before. */
  const rows: { readonly id: string; readonly status: DeliveryStatus }[] = [];
  const idsOf = (failedOnly: boolean) =>
    rows.filter(({ status }) => (failedOnly ? status === 'failed' : status !== 'pending')).map(({ id }) => id);
  return {
    deliveries,
    started,
    killAfter(count: number) {
      failAfter = started.length + count;
    },
    revive() {
      failAfter = Infinity;
    },
    put(endpoint: string, event: WebhookEvent, status: DeliveryStatus, startedAt = event.timestamp) {
      const id = deliveryWorkflowId(endpoint, event.id);
      all.set(id, found(endpoint, event, status, startedAt));
      rows.push({ id, status });
    },
  };
}

const found = (endpoint: string, event: WebhookEvent, status: DeliveryStatus, startedAt: string): FoundDelivery => ({
  view: {
    id: deliveryWorkflowId(endpoint, event.id),
    endpoint,
    event,
    status,
    attempts: [],
    nextAttemptAt: null,
    createdAt: startedAt,
  },
  isRunning: status === 'pending',
  startedAt,
});

const event = (sequence: number, more: Partial<WebhookEvent> = {}): WebhookEvent => ({
  id: `evt_con_a_${sequence}_paused`,
  type: 'connection.paused',
  timestamp: '2026-11-21T00:00:00.000Z',
  data: { connection: { provider: 'p', tags: [] }, sequence },
  ...more,
});
const events = (count: number): WebhookEvent[] => Array.from({ length: count }, (_none, index) => event(index + 1));

describe('a page of a replay', () => {
  let ephemeral: EphemeralStore;
  let endpoints: WebhookEndpoints;
  let stored: StoredEndpoint;
  let world: ReturnType<typeof createDeliveries>;
  beforeEach(async () => {
    const folder = temporaryFolder();
    const clock = createManualClock();
    const keyRing = KeyRing.parse(KeyRing.generate());
    ephemeral = createSqliteEphemeralStore({ path: join(folder, 'ephemeral.db'), keyRing, clock });
    const secrets = createSqliteSecretStore({ path: join(folder, 'secrets.db'), keyRing, clock });
    endpoints = createWebhookEndpoints({ secrets, clock });
    const all = { description: null, types: [], providers: [], tags: [] };
    stored = await endpoints.create('acme', { url: 'https://hooks.acme.example/', ...all });
    world = createDeliveries(50);
  });

  const input = (scope: 'failed' | 'all', position: ReplayPosition): ReplayPageInput => ({
    v: 1,
    tenant: 'acme',
    endpoint: stored.endpoint.id,
    scope,
    since: SINCE,
    startedAt: STARTED,
    position,
  });
  const run = async (page: ReplayPageInput, heartbeatDetails?: unknown): Promise<ReplayPageOutcome> => {
    const environment = new MockActivityEnvironment({ heartbeatDetails });
    environment.on('heartbeat', (details: unknown) => (lastBeat = details));
    const { deliveries } = world;
    return await environment.run(createReplayPage({ endpoints, deliveries, ephemeral }), page);
  };
  let lastBeat: unknown;
  /** All pages, as the workflow asks for them. */
  const replay = async (scope: 'failed' | 'all'): Promise<number> => {
    let position: ReplayPosition | null = { source: 'deliveries', token: null };
    let replayed = 0;
    while (position) {
      const page = await run(input(scope, position));
      if (page.outcome === 'ended') throw new Error(page.problem.message);
      replayed += page.replayed;
      position = page.next;
    }
    return replayed;
  };
  const keep = async (kept: readonly WebhookEvent[]): Promise<void> => {
    for (const each of kept) {
      const value = each as unknown as Json;
      await ephemeral.append(ephemeralKeys.webhookEvents('acme'), value, { keep: 10_000, ttlSeconds: 60 });
    }
  };
  const estimate = async (scope: 'failed' | 'all'): Promise<number> => {
    const { deliveries } = world;
    const call = createEstimateReplay({ endpoints, deliveries, ephemeral });
    return (await call(input(scope, { source: 'deliveries', token: null }))).estimate;
  };

  it('"failed" starts every failed delivery again, and nothing else', async () => {
    const { id } = stored.endpoint;
    const [delivered, failed, pending, dropped, early, sample, again] = [
      event(1),
      event(2),
      event(3),
      event(4),
      event(5, { timestamp: '2026-11-19T23:59:59.999Z' }),
      event(6, { test: true }),
      event(7),
    ] as const;
    world.put(id, delivered, 'delivered');
    world.put(id, failed, 'failed');
    world.put(id, pending, 'pending');
    world.put(id, dropped, 'dropped');
    world.put(id, early, 'failed');
    world.put(id, sample, 'failed');
    // A person has retried it since, and it was delivered.
    world.put(id, again, 'failed');
    world.put(id, again, 'delivered');
    await keep([event(8)]);
    expect(await replay('failed')).toBe(1);
    expect(world.started).toEqual([failed.id]);
  });

  it('"all" starts each event that the endpoint wants once, whether it has a delivery or not', async () => {
    const { id } = stored.endpoint;
    const kept = events(120);
    for (const each of kept.slice(0, 60)) world.put(id, each, 'delivered');
    await keep([...kept, ...kept.slice(100), event(200, { timestamp: '2026-11-19T00:00:00.000Z' })]);
    expect(await estimate('all')).toBe(120);
    expect(await replay('all')).toBe(120);
    expect(world.started.toSorted()).toEqual(kept.map((each) => each.id).toSorted());
  });

  it('"all" leaves out what the filters of the endpoint leave out', async () => {
    stored = await endpoints.change(stored, { types: ['connection.resumed'] });
    const wanted = event(1, { type: 'connection.resumed' });
    await keep([wanted, event(2)]);
    expect(await estimate('all')).toBe(1);
    expect(await replay('all')).toBe(1);
    expect(world.started).toEqual([wanted.id]);
  });

  it('a page whose worker is killed in the middle starts nothing twice when it is repeated, and counts all', async () => {
    for (const each of events(30)) world.put(stored.endpoint.id, each, 'failed');
    const page = input('failed', { source: 'deliveries', token: null });
    world.killAfter(13);
    await expect(run(page)).rejects.toThrow('killed');
    world.revive();
    const outcome = await run(page, lastBeat);
    expect(outcome).toEqual({ outcome: 'page', replayed: 30, next: null });
    expect(world.started).toHaveLength(30);
    expect(new Set(world.started).size).toBe(30);
  });

  it('ends with a sentence where the endpoint was disabled or deleted meanwhile', async () => {
    const page = input('failed', { source: 'deliveries', token: null });
    await endpoints.change(stored, { disabled: { at: STARTED, reason: 'failing' } });
    expect(await run(page)).toMatchObject({ outcome: 'ended', problem: { code: 'webhook_disabled' } });
    await endpoints.remove('acme', stored.endpoint.id);
    expect(await run(page)).toMatchObject({ outcome: 'ended', problem: { code: 'webhook_not_found' } });
  });
});
