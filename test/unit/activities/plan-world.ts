import { MockActivityEnvironment } from '@temporalio/testing';

import { createPlanDiscovery } from '../../../activities/discovery/plan-discovery.ts';
import { createSlots } from '../../../platform/slots.ts';
import type { ListContext, ListRequest } from '../../../providers/listing/lister.ts';
import type { RegionSettings } from '../../../providers/manifests/settings.ts';
import type { Provider } from '../../../providers/provider.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import { heartbeat } from '../../../worker/heartbeat.ts';
import { createScriptedLister } from '../../workflows/discovery/scripted-lister.ts';
import { connection, createDiscoveryWorld } from './discovery-world.ts';

export interface PlanOptions {
  /** The heartbeat details of the attempt before. */
  readonly details?: unknown;
  readonly concurrency?: number;
}

/** The activity that begins passes, on a scripted cloud with three projects. */
export async function createPlanWorld() {
  const world = await createDiscoveryWorld();
  const lister = createScriptedLister();
  const original = { ...lister };
  const list: typeof lister.list = async (context, request) => await original.list(context, request);
  const listProjects: typeof lister.listProjects = async (context) => await original.listProjects(context);
  const discovery = { lister, regions: new Map([[connection.region, {} as RegionSettings]]) };
  const activity = createPlanDiscovery({
    ...world,
    providers: new Map([[connection.provider, { manifest: { methods: [] }, discovery } as unknown as Provider]]),
    discovery: { starter: { start: async () => 'started', tell: async () => undefined }, listsAtOnce: 100 },
    listSlots: createSlots(100),
  });
  let passes = 0;

  /** One attempt of the pass that was begun last. */
  const attempt = ({ details, concurrency = 16 }: PlanOptions = {}) => {
    const environment = new MockActivityEnvironment(
      { heartbeatDetails: details, scheduledTimestampMs: world.clock.now() },
      { interceptors: [heartbeat] },
    );
    const left: unknown[] = [];
    environment.on('heartbeat', (each) => left.push(each));
    const since = new Date(Date.parse('2030-01-01T00:00:00.000Z') + passes * 3_600_000).toISOString();
    const input = { connection, epoch: 1, trigger: 'scheduled', since, concurrency } as const;
    const outcome = environment.run(activity, input);
    return { outcome, cancel: () => environment.cancel(), left: () => left.at(-1) };
  };

  return {
    ...world,
    lister,
    attempt,
    /** The first attempt of another pass; what was asked for before is forgotten. */
    begin(options: PlanOptions = {}) {
      passes++;
      lister.asked.length = 0;
      return attempt(options);
    },
    /** The list of projects was asked for and is not answered, until it is released. */
    holdProjects() {
      const held = Promise.withResolvers<undefined>();
      lister.listProjects = async (context) => {
        const listing = listProjects(context);
        listing.catch(() => undefined);
        await held.promise;
        return await listing;
      };
      return () => {
        lister.listProjects = listProjects;
        held.resolve(undefined);
      };
    },
    /** These lists, e.g. `volume p1`, answer nothing until they are aborted. */
    hang(...names: readonly string[]) {
      const aborted: string[] = [];
      lister.list = async (context: ListContext, request: ListRequest) => {
        const name = `${request.list} ${request.projectId}`;
        if (!names.includes(name)) return await list(context, request);
        lister.asked.push(name);
        return await new Promise((_, reject) =>
          context.signal.addEventListener('abort', () => {
            aborted.push(name);
            reject(context.signal.reason as Error);
          }),
        );
      };
      return aborted;
    },
    summary: async () => (await world.inventory.pass(connection.id))?.summary,
    /** The names of all rows, with their project. */
    rows: async () =>
      (await world.inventory.page(connection.id, {}, null, 1_000)).rows.map(({ id, project }) => `${id} ${project}`),
    partitions: async () => await world.inventory.partitions(connection.id),
    events: async () =>
      (await world.ephemeral.readStream(ephemeralKeys.events(connection.tenant), null, 1_000)).map(
        ({ value }) => value as { readonly event: string; readonly text: string },
      ),
  };
}

export type PlanWorld = Awaited<ReturnType<typeof createPlanWorld>>;

/** Whatever can happen without the release of something that is held has happened. */
export async function idle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
}
