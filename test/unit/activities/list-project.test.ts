import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createSlots } from '../../../platform/slots.ts';
import { createListProject } from '../../../activities/discovery/list-project.ts';
import type { Provider } from '../../../providers/provider.ts';
import type { Listing, ResourceLister } from '../../../providers/listing/lister.ts';
import type { RegionSettings } from '../../../providers/manifests/settings.ts';
import { EphemeralStoreUnavailable } from '../../../stores/ephemeral/port.ts';
import { heartbeat } from '../../../worker/heartbeat.ts';
import { listingOf, refusal, resource, scriptedManifest } from '../../workflows/discovery/scripted-lister.ts';
import { connection, createDiscoveryWorld, type DiscoveryWorld } from './discovery-world.ts';

const found = (kind: string, ...ids: string[]): Listing =>
  listingOf(
    kind,
    ids.map((id) => resource(kind, 'p1', id)),
  );
const rejected = refusal('revoked', 'credential_rejected');
const unavailable = refusal('transient', 'cloud_unavailable');
const HOUR_MS = 3_600_000;
const since = '2030-01-01T00:00:00.000Z';

interface Ask {
  readonly kind: string;
  readonly accessToken: string;
  readonly signal: AbortSignal;
}

let world: DiscoveryWorld;
let inventory: DiscoveryWorld['inventory'];
/** How the cloud answers a request for a list. */
let answer: (ask: Ask) => Promise<Listing> | Listing;
let asked: string[];
let deadlines: AbortController[];

beforeEach(async () => {
  world = await createDiscoveryWorld();
  ({ inventory } = world);
  asked = [];
  deadlines = [];
});

/** One attempt, as Temporal would run it; `details` are the heartbeat details of the attempt before. */
function attempt({ details, concurrency = 1, ageMs = 0 }: { details?: unknown; concurrency?: number; ageMs?: number }) {
  const lister: ResourceLister = {
    manifest: scriptedManifest,
    lists: ['instance', 'volume'].map((id) => ({ id, scope: 'project', kinds: [id] })),
    listProjects: () => Promise.reject(new Error('Not asked for here.')),
    list: async ({ record, signal }, { list: kind }) => {
      asked.push(kind);
      return await answer({ kind, accessToken: record.reveal()['access_token'] as string, signal });
    },
    readiness: () => Promise.resolve({ source: 'cli', version: '0', notice: null }),
  };
  const discovery = { lister, regions: new Map([[connection.region, {} as RegionSettings]]) };
  const activity = createListProject({
    ...world,
    providers: new Map([[connection.provider, { manifest: { methods: [] }, discovery } as unknown as Provider]]),
    discovery: { starter: { start: async () => 'started', tell: async () => undefined }, listsAtOnce: 8 },
    listSlots: createSlots(8),
    startDeadline: () => {
      const controller = new AbortController();
      deadlines.push(controller);
      return { signal: controller.signal, cancel: () => undefined };
    },
  });
  const environment = new MockActivityEnvironment(
    { heartbeatDetails: details, scheduledTimestampMs: world.clock.now() - ageMs },
    { interceptors: [heartbeat] },
  );
  const left: unknown[] = [];
  environment.on('heartbeat', (each) => left.push(each));
  const outcome = environment.run(activity, { connection, epoch: 1, since, places: ['p1'], concurrency });
  return { outcome, cancel: () => environment.cancel(), left: () => left.at(-1) };
}
const made = async (options: Parameters<typeof attempt>[0] = {}) => await attempt(options).outcome;
const rows = async () => (await inventory.page(connection.id, {}, null, 10)).rows.map(({ id }) => id);
const stale = async () =>
  (await inventory.partitions(connection.id)).map(({ kind, stale: why }) => [kind, why?.problem.code]);

describe('the lists of a project', () => {
  test('a list whose token was replaced in the meantime is repeated at once with the new token', async () => {
    const seen: string[] = [];
    answer = async ({ kind, accessToken }) => {
      seen.push(accessToken);
      if (seen.length > 1) return found(kind, 'a');
      await world.signIn('at-2');
      throw rejected;
    };
    expect(await made()).toMatchObject({ outcome: 'listed', tally: { lists: 2, complete: 2, resources: 2 } });
    expect(new Set(seen).size).toBe(2);
  });

  test('a list whose current token is refused stops the other lists, and reports that a refresh is needed', async () => {
    answer = () => Promise.reject(rejected);
    expect(await made()).toMatchObject({ outcome: 'unauthorized', problem: { code: 'credential_rejected' } });
    expect(asked).toEqual(['instance']);
    answer = async ({ kind, signal }) => {
      if (kind === 'instance') throw rejected;
      return await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    };
    expect(await made({ concurrency: 2 })).toMatchObject({ outcome: 'unauthorized' });
  });

  test('lists without the ephemeral store are repeated later, and the known rows stay', async () => {
    answer = ({ kind }) => (kind === 'instance' ? found(kind, 'a') : found(kind));
    await made();
    const away = new EphemeralStoreUnavailable('Redis does not answer.');
    vi.spyOn(inventory, 'replace').mockRejectedValueOnce(away);
    answer = ({ kind }) => (kind === 'instance' ? found(kind, 'a', 'b') : found(kind));
    await expect(made()).rejects.toMatchObject({
      nonRetryable: false,
      details: [{ problem: { code: 'ephemeral_store_unavailable' } }],
    });
    expect(await rows()).toEqual(['a']);
    expect(await made()).toMatchObject({ outcome: 'listed', tally: { complete: 2, added: 1, removed: 0 } });
    expect(await rows()).toEqual(['a', 'b']);
  });

  test('lists of an unavailable cloud are retried when it asked, and completed lists are not repeated', async () => {
    const later = Object.assign(refusal('transient', 'cloud_unavailable'), { retryAfterSeconds: 40 });
    answer = ({ kind }) => {
      if (kind === 'volume') throw later;
      return found(kind, 'a');
    };
    const first = attempt({});
    await expect(first.outcome).rejects.toMatchObject({ category: 'BENIGN', nextRetryDelay: 40_000 });
    answer = ({ kind }) => found(kind, 'a');
    expect(await made({ details: first.left() })).toMatchObject({ tally: { lists: 2, complete: 2, added: 2 } });
    expect(asked).toEqual(['instance', 'volume', 'volume']);
  });

  test('a list that stays unavailable fails at its fifth attempt, and its last good rows stay', async () => {
    answer = ({ kind }) => found(kind, kind);
    await made();
    answer = ({ kind }) => {
      if (kind === 'volume') throw unavailable;
      return found(kind, kind);
    };
    let details: unknown;
    for (let tries = 1; tries < 5; tries++) {
      const each = attempt({ details });
      await expect(each.outcome).rejects.toMatchObject({ nextRetryDelay: 2 ** tries * 1000 });
      details = each.left();
    }
    const problem = { code: 'cloud_unavailable' };
    expect(await made({ details })).toMatchObject({ tally: { complete: 1, failed: 1, problems: [problem] } });
    expect(await rows()).toEqual(['instance', 'volume']);
    expect(await stale()).toEqual([
      ['instance', undefined],
      ['volume', 'cloud_unavailable'],
    ]);
  });

  test('lists are not retried once their time is used up, and the project ends with the completed lists', async () => {
    answer = ({ kind }) => {
      if (kind === 'volume') throw unavailable;
      return found(kind, 'a');
    };
    expect(await made({ ageMs: 2 * HOUR_MS })).toMatchObject({ outcome: 'listed', tally: { complete: 1, failed: 1 } });
  });

  test('a list that misses its deadline fails, and the other lists are made', async () => {
    answer = async ({ kind, signal }) => {
      if (kind === 'volume') return found(kind, 'a');
      deadlines[0]?.abort();
      throw signal.reason as Error;
    };
    expect(await made()).toMatchObject({ tally: { complete: 1, failed: 1, problems: [{ code: 'list_timed_out' }] } });
    expect(await stale()).toContainEqual(['instance', 'list_timed_out']);
  });

  test('a list that fails for an unknown reason is retried, and does not affect the other lists', async () => {
    answer = ({ kind }) => {
      if (kind === 'instance') throw new TypeError('A bug.');
      return found(kind, 'a');
    };
    await expect(made()).rejects.toMatchObject({ details: [{ problem: { code: 'internal_error' } }] });
    expect(await rows()).toEqual(['a']);
  });

  test('cancelled lists write nothing any more, even where a list ignores the signal', async () => {
    const held = Promise.withResolvers<undefined>();
    answer = async ({ kind }) => {
      await held.promise;
      return found(kind, 'late');
    };
    const running = attempt({ concurrency: 2 });
    await vi.waitUntil(() => asked.length === 2);
    running.cancel();
    held.resolve(undefined);
    await expect(running.outcome).rejects.toThrow(CancelledFailure);
    expect(await inventory.partitions(connection.id)).toEqual([]);
  });

  test.each([null, 'text', { v: 1, done: ['instance'] }, { jobs: {} }])(
    'all lists are made again where the details of the attempt before cannot be read: %j',
    async (details) => {
      answer = ({ kind }) => found(kind, 'a');
      expect(await made({ details })).toMatchObject({ tally: { lists: 2 } });
    },
  );

  test('no list is made again where the attempt before completed them all', async () => {
    answer = ({ kind }) => found(kind, 'a');
    const first = attempt({});
    const outcome = await first.outcome;
    expect(await made({ details: first.left() })).toEqual(outcome);
    expect(asked).toEqual(['instance', 'volume']);
  });
});
