import { MockActivityEnvironment } from '@temporalio/testing';

import { createSlots } from '../../../platform/slots.ts';
import { createListProject } from '../../../activities/discovery/list-project.ts';
import type { Provider } from '../../../providers/provider.ts';
import type {
  Absence,
  AbsentRows,
  KindListing,
  ListDefinition,
  ListFailure,
  ListRequest,
  Loss,
  ResourceLister,
} from '../../../providers/listing/lister.ts';
import type { RegionSettings } from '../../../providers/manifests/settings.ts';
import { heartbeat } from '../../../worker/heartbeat.ts';
import { resource, scriptedManifest } from '../../workflows/discovery/scripted-lister.ts';
import { connection, createDiscoveryWorld } from './discovery-world.ts';

const since = '2030-01-01T00:00:00.000Z';

/** Instances and volumes in one list, as a cloud with an index of all resources answers. */
const together: readonly ListDefinition[] = [{ id: 'all', scope: 'project', kinds: ['instance', 'volume'] }];

export interface ListingOptions {
  readonly details?: unknown;
  readonly concurrency?: number;
  readonly places?: readonly string[];
  readonly since?: string;
}

/** One activity on a cloud whose answers a test gives, kind by kind. */
export async function createListingWorld(lists = together) {
  const world = await createDiscoveryWorld();
  const asked: ListRequest[] = [];
  const logged: { readonly fields: object; readonly text: string }[] = [];
  const logger = { ...world.logger, warn: (fields: object, text: string) => void logged.push({ fields, text }) };
  const cloud = {
    asked,
    logged,
    manifest: scriptedManifest,
    lists,
    cannotList: {} as Record<string, string>,
    placesAtOnce: undefined as number | undefined,
    answer: (kind: string, place: string | null): KindListing | Promise<KindListing> => listed(kind, [], place),
    witness: undefined as ((absent: AbsentRows) => Promise<Absence>) | undefined,
  };

  const run = async (options: ListingOptions = {}) => {
    const { witness, placesAtOnce } = cloud;
    const lister: ResourceLister = {
      manifest: cloud.manifest,
      lists: cloud.lists,
      ...(placesAtOnce !== undefined && { placesAtOnce }),
      listProjects: () => Promise.reject(new Error('Not asked for here.')),
      list: async (_context, request) => {
        asked.push(request);
        const kinds = await Promise.all(request.kinds.map(async (kind) => await cloud.answer(kind, request.projectId)));
        return { kinds, source: 'rest', notice: null };
      },
      ...(witness && { confirmGone: async (_context, absent) => await witness(absent) }),
      readiness: () => Promise.resolve({ source: 'rest', version: null, notice: null }),
    };
    const discovery = { lister, regions: new Map([[connection.region, {} as RegionSettings]]) };
    const manifest = { methods: [{ id: connection.method, cannotList: cloud.cannotList }] };
    const activity = createListProject({
      ...world,
      logger: logger as typeof world.logger,
      providers: new Map([[connection.provider, { manifest, discovery } as unknown as Provider]]),
      discovery: { starter: { start: async () => 'started', tell: async () => undefined }, listsAtOnce: 100 },
      listSlots: createSlots(100),
    });
    const { details, concurrency = 8, places = ['p1'] } = options;
    const environment = new MockActivityEnvironment(
      { heartbeatDetails: details, scheduledTimestampMs: world.clock.now() },
      { interceptors: [heartbeat] },
    );
    const left: unknown[] = [];
    environment.on('heartbeat', (each) => left.push(each));
    const input = { connection, epoch: 1, since: options.since ?? since, places, concurrency };
    const [outcome] = await Promise.allSettled([environment.run(activity, input)]);
    return { outcome, left: left.at(-1) };
  };
  /** Attempts until one is the last, each with what the one before has left. */
  const runToEnd = async (options: ListingOptions = {}) => {
    let { outcome, left } = await run(options);
    while (outcome.status === 'rejected') ({ outcome, left } = await run({ ...options, details: left }));
    return outcome.value;
  };
  return { ...world, cloud, run, runToEnd };
}

export type ListingWorld = Awaited<ReturnType<typeof createListingWorld>>;

export const listed = (
  kind: string,
  ids: readonly string[],
  place: string | null = 'p1',
  losses: Loss[] = [],
): KindListing => ({
  kind,
  outcome: 'listed',
  rows: ids.map((id) => resource(kind, place, id)),
  losses,
});

export const failed = (kind: string, failure: ListFailure): KindListing => ({ kind, outcome: 'failed', failure });

export const failure = (
  problemClass: ListFailure['class'],
  code: string,
  more: Partial<ListFailure> = {},
): ListFailure => ({
  class: problemClass,
  problem: { code, message: 'It says no, hunter2.', remedy: 'Nothing.' },
  retryAfterSeconds: null,
  denied: null,
  ...more,
});
