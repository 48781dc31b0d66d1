import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Client, type WorkflowHandle } from '@temporalio/client';
import proto, { type temporal } from '@temporalio/proto';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { createSlots } from '../../../platform/slots.ts';
import {
  createStartIfDue,
  type DiscoveryPlan,
  createStartDiscovery,
} from '../../../activities/discovery/start-discovery.ts';
import { createDropInventory, createFinishDiscovery } from '../../../activities/discovery/finish-discovery.ts';
import { createListProject } from '../../../activities/discovery/list-project.ts';
import { createPlanDiscovery } from '../../../activities/discovery/plan-discovery.ts';
import type { DiscoveryStarter } from '../../../activities/dependencies.ts';
import type { Provider } from '../../../providers/provider.ts';
import type { RegionSettings } from '../../../providers/manifests/settings.ts';
import { startOptions } from '../../../platform/temporal/connection-start.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { createLogger } from '../../../platform/logger.ts';
import type { EphemeralStore } from '../../../stores/ephemeral/port.ts';
import { createSqliteEphemeralStore } from '../../../stores/ephemeral/sqlite.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import { createInventory } from '../../../stores/inventory/inventory.ts';
import { withPass } from '../../../stores/inventory/pass.ts';
import type { Inventory } from '../../../stores/inventory/port.ts';
import { createSqliteSecretStore } from '../../../stores/secrets/sqlite.ts';
import { createDiscoveryStarter } from '../../../worker/discovery-starter.ts';
import { heartbeat } from '../../../worker/heartbeat.ts';
import type { ConnectionRef, ConnectionView } from '../../../contracts/connection.ts';
import type { DiscoveryTrigger } from '../../../contracts/discovery.ts';
import { discoveryWorkflowId, providerQueues, taskQueues, workflowTypes } from '../../../contracts/ids.ts';
import { messages, type ConnectionInput } from '../../../contracts/messages.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { workflowBundle } from '../../support/bundle.ts';
import { eventually } from '../../support/eventually.ts';
import { startTimeSkipping, type TimeSkipping } from '../../support/time-skipping.ts';
import { createScriptedLister, type ScriptedLister } from './scripted-lister.ts';
import { createScriptedUpkeep, writeLive, type ScriptedUpkeep } from './scripted-upkeep.ts';
import { startMemo } from '../support/connection.ts';

const { EventType } = proto.temporal.api.enums.v1;

/** The real workflows and discovery activities on a scripted cloud. */
export interface DiscoveryWorld {
  readonly skipping: TimeSkipping;
  readonly lister: ScriptedLister;
  readonly upkeep: ScriptedUpkeep;
  readonly inventory: Inventory;
  readonly ephemeral: EphemeralStore;
  readonly starter: DiscoveryStarter;
  /** The connections that were told of a pass, in order. */
  readonly told: readonly string[];
  startIfDue(connection: ConnectionRef, plan: DiscoveryPlan): Promise<{ readonly nextAt: string | null }>;
  /** An account with a live credential and no connection workflow: for discoveries alone. */
  account(): Promise<Account>;
  /** What the ephemeral store knew of an account is gone. */
  lose(id: string): Promise<void>;
  /** A connection whose customer has signed in: its first discovery begins. */
  connect(terms?: { intervalSeconds?: number | null; concurrency?: number }): Promise<Discovered>;
}

export interface Account {
  readonly ref: ConnectionRef;
  /** Of its discovery, the newest run. */
  readonly discovery: WorkflowHandle;
  /** Starts a discovery and waits for its end; answers the names of the events in its history. */
  readonly pass: (trigger?: DiscoveryTrigger, concurrency?: number) => Promise<readonly string[]>;
  readonly events: () => Promise<readonly string[]>;
}

export interface Discovered {
  readonly ref: ConnectionRef;
  readonly id: string;
  readonly handle: WorkflowHandle;
  readonly child: WorkflowHandle;
  /** As the API answers it: with what is recorded of discovery. */
  view(): Promise<ConnectionView>;
  /** Its view, once what a test waits for is true of it. */
  readonly until: (
    what: string,
    isTrue: (view: ConnectionView) => boolean,
    withinMs?: number,
  ) => Promise<ConnectionView>;
  readonly send: (verb: 'discover' | 'revokeInvitation' | 'disconnect', more?: object) => Promise<unknown>;
}

interface WorldOptions {
  /** False = its workers stand still as soon as nothing comes back from the cloud: they beat for finished lists alone. */
  readonly beats?: boolean;
}

export function useDiscoveryWorld(options: WorldOptions = {}): DiscoveryWorld {
  let world: DiscoveryWorld | undefined;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ world, close } = await createWorld(options));
  });
  beforeEach(() => world?.lister.reset());
  afterAll(async () => await close());
  return new Proxy({} as DiscoveryWorld, { get: (_, name) => world?.[name as keyof DiscoveryWorld] });
}

async function createWorld({
  beats = true,
}: WorldOptions): Promise<{ world: DiscoveryWorld; close: () => Promise<void> }> {
  const skipping = await startTimeSkipping();
  const { clock, environment } = skipping;
  const folder = temporaryFolder();
  const keyRing = KeyRing.parse(KeyRing.generate());
  const secrets = createSqliteSecretStore({ path: join(folder, 'secrets.db'), keyRing, clock });
  const ephemeral = createSqliteEphemeralStore({ path: join(folder, 'ephemeral.db'), keyRing, clock });
  const inventory = createInventory({ ephemeral, clock });
  const lister = createScriptedLister();
  const regions = new Map([['r1', {} as RegionSettings]]);
  const manifest = { methods: [] };
  const providers = new Map([['cloud', { manifest, discovery: { lister, regions } } as unknown as Provider]]);
  // Not the environment's own client: where that one waits for a result, time is skipped.
  const client = new Client({ connection: environment.connection });
  const told: string[] = [];
  const toTemporal = createDiscoveryStarter(client, 20_000);
  const starter: DiscoveryStarter = {
    start: (input) => toTemporal.start(input),
    tell(id, done) {
      told.push(id);
      return toTemporal.tell(id, done);
    },
  };
  const logger = createLogger('worker', 'silent');
  const startIfDue = createStartIfDue({ inventory, starter, clock, logger });
  const upkeep = createScriptedUpkeep({ secrets, clock, startDiscoveryIfDue: startIfDue });
  const listsAtOnce = 100;
  const stores = { secrets, ephemeral, inventory };
  const discovery = { starter, listsAtOnce };
  const deps = { ...stores, providers, clock, logger, discovery, listSlots: createSlots(listsAtOnce) };
  const activities = {
    ...upkeep.activities,
    planDiscovery: createPlanDiscovery(deps),
    listProject: createListProject(deps),
    finishDiscovery: createFinishDiscovery(deps),
    startDiscovery: createStartDiscovery({ ...deps, starter }),
    dropInventory: createDropInventory(deps),
  };
  const shared = { activities, interceptors: { activity: beats ? [heartbeat] : [] } };
  const queues = providerQueues('cloud');
  const workers = await Promise.all([
    skipping.createWorker({ ...shared, taskQueue: taskQueues.workflows, workflowBundle: await workflowBundle() }),
    skipping.createWorker({ ...shared, taskQueue: queues.upkeep }),
    skipping.createWorker({ ...shared, taskQueue: queues.now }),
    skipping.createWorker({ ...shared, taskQueue: taskQueues.discovery }),
  ]);
  const running = Promise.all(workers.map(async (worker) => await worker.run()));

  const connect: DiscoveryWorld['connect'] = async ({ intervalSeconds = null, concurrency = 4 } = {}) => {
    const id = newId();
    const invitation = { lifetimeSeconds: 86_400, passcodeRequired: false, confirm: false };
    const ref = { id, tenant: 'acme', provider: 'cloud', region: 'r1', method: 'signIn' };
    const terms = { intervalSeconds, concurrency };
    const input: ConnectionInput = { ...ref, name: null, tags: [], setup: {}, invitation, discovery: terms };
    const labels = { providerName: 'Cloud', methodName: 'Sign in' };
    await client.workflow.start(
      workflowTypes.connection,
      startOptions(input, startMemo(input, await environment.currentTimeMs()), labels, { name: [], account: null }),
    );
    const handle = client.workflow.getHandle(id);
    const answer = { kind: 'code', code: 'code', sealedVerifier: 'sealed', iss: null } as const;
    const state = { stateHash: randomUUID(), browserHash: 'browser', redirectUri: 'https://mooring.test/callback' };
    await handle.signal(messages.oauthCallback, { epoch: 1, ...state, answer });
    const view = async () => {
      const known = await handle.query<ConnectionView>(messages.view);
      return withPass(known, await inventory.pass(id), await environment.currentTimeMs());
    };
    return {
      id,
      ref,
      handle,
      child: client.workflow.getHandle(discoveryWorkflowId(id)),
      view,
      until: async (what, isTrue, withinMs) =>
        await eventually(
          what,
          async () => {
            const now = await view();
            if (!isTrue(now)) throw new Error(JSON.stringify(now));
            return now;
          },
          withinMs,
        ),
      send: async (verb, more = {}) => await handle.executeUpdate(verb, { args: [{ tenant: 'acme', ...more }] }),
    };
  };

  const account: DiscoveryWorld['account'] = async () => {
    const ref = { id: newId(), tenant: 'acme', provider: 'cloud', region: 'r1', method: 'signIn' };
    await writeLive(secrets, ref);
    const newest = client.workflow.getHandle(discoveryWorkflowId(ref.id));
    const events = async () => ((await newest.fetchHistory()).events ?? []).map(eventName);
    return {
      ref,
      discovery: newest,
      events,
      async pass(trigger = 'scheduled', concurrency = 4) {
        const since = new Date(await environment.currentTimeMs()).toISOString();
        expect(await starter.start({ connection: ref, epoch: 1, trigger, since, concurrency })).toBe('started');
        await newest.result();
        return await events();
      },
    };
  };

  return {
    world: {
      skipping,
      lister,
      upkeep,
      inventory,
      ephemeral,
      starter,
      told,
      connect,
      account,
      startIfDue,
      async lose(id) {
        await ephemeral.delete(ephemeralKeys.inventory(id));
        await ephemeral.delete(ephemeralKeys.inventoryRows(id));
      },
    },
    async close() {
      for (const worker of workers) worker.shutdown();
      await running;
      await skipping.close();
      await Promise.all([secrets.close(), ephemeral.close()]);
    },
  };
}

const eventName = ({ eventType }: temporal.api.history.v1.IHistoryEvent): string =>
  (EventType[eventType ?? 0] ?? '').replace('EVENT_TYPE_', '');

const base32 = 'abcdefghijklmnopqrstuvwxyz234567';
const newId = (): string => `con_${[...randomBytes(26)].map((byte) => base32[byte % 32]).join('')}`;
