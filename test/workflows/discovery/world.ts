import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { createDropInventory } from '../../../activities/drop-inventory.ts';
import { createListResources } from '../../../activities/list-resources.ts';
import { createPlanDiscovery } from '../../../activities/plan-discovery.ts';
import type { Provider } from '../../../activities/providers/provider.ts';
import type { RegionSettings } from '../../../activities/providers/settings.ts';
import { startOptions } from '../../../api/gateway/start-options.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { createLogger } from '../../../platform/logger.ts';
import type { EphemeralStore } from '../../../stores/ephemeral/port.ts';
import { createSqliteEphemeralStore } from '../../../stores/ephemeral/sqlite.ts';
import { createInventory } from '../../../stores/inventory/inventory.ts';
import type { Inventory } from '../../../stores/inventory/port.ts';
import { createSqliteSecretStore } from '../../../stores/secrets/sqlite.ts';
import { heartbeat } from '../../../worker/heartbeat.ts';
import type { ConnectionView } from '../../../workflows/contracts/connection.ts';
import { discoveryWorkflowId, taskQueues, workflowTypes } from '../../../workflows/contracts/ids.ts';
import { messages, type ConnectionInput } from '../../../workflows/contracts/messages.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { workflowBundle } from '../../support/bundle.ts';
import { eventually } from '../../support/eventually.ts';
import { startTimeSkipping, type TimeSkipping } from '../../support/time-skipping.ts';
import { createScriptedLister, type ScriptedLister } from './scripted-lister.ts';
import { createScriptedUpkeep, type ScriptedUpkeep } from './scripted-upkeep.ts';

/** The real workflows and discovery activities on a scripted cloud. */
export interface DiscoveryWorld {
  readonly skipping: TimeSkipping;
  readonly lister: ScriptedLister;
  readonly upkeep: ScriptedUpkeep;
  readonly inventory: Inventory;
  readonly ephemeral: EphemeralStore;
  /** A connection whose customer has signed in: its first discovery begins. */
  connect(terms?: { intervalSeconds?: number | null; concurrency?: number }): Promise<Discovered>;
}

export interface Discovered {
  readonly id: string;
  readonly handle: WorkflowHandle;
  readonly child: WorkflowHandle;
  view(): Promise<ConnectionView>;
  /** Its view, once what a test waits for is true of it. */
  until(what: string, isTrue: (view: ConnectionView) => boolean, withinMs?: number): Promise<ConnectionView>;
  send(verb: 'discover' | 'annotate' | 'disconnect', more?: object): Promise<unknown>;
}

export function useDiscoveryWorld(): DiscoveryWorld {
  let world: DiscoveryWorld | undefined;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ world, close } = await createWorld());
  });
  beforeEach(() => world?.lister.reset());
  afterAll(async () => await close());
  return new Proxy({} as DiscoveryWorld, { get: (_, name) => world?.[name as keyof DiscoveryWorld] });
}

async function createWorld(): Promise<{ world: DiscoveryWorld; close: () => Promise<void> }> {
  const skipping = await startTimeSkipping();
  const { clock, environment } = skipping;
  const folder = temporaryFolder();
  const keyRing = KeyRing.parse(KeyRing.generate());
  const secrets = createSqliteSecretStore({ path: join(folder, 'secrets.db'), keyRing, clock });
  const ephemeral = createSqliteEphemeralStore({ path: join(folder, 'ephemeral.db'), keyRing, clock });
  const inventory = createInventory({ ephemeral, clock });
  const lister = createScriptedLister();
  const upkeep = createScriptedUpkeep(secrets);
  const regions = new Map([['r1', {} as RegionSettings]]);
  const providers = new Map([['cloud', { discovery: { lister, regions } } as unknown as Provider]]);
  const deps = { secrets, ephemeral, inventory, providers, clock, logger: createLogger('worker', 'silent') };
  const activities = {
    ...upkeep.activities,
    planDiscovery: createPlanDiscovery(deps),
    listResources: createListResources(deps),
    dropInventory: createDropInventory(deps),
  };
  const shared = { activities, interceptors: { activity: [heartbeat] } };
  const workers = await Promise.all([
    skipping.createWorker({ ...shared, taskQueue: taskQueues.workflows, workflowBundle: await workflowBundle() }),
    skipping.createWorker({ ...shared, taskQueue: taskQueues.upkeep }),
    skipping.createWorker({ ...shared, taskQueue: taskQueues.discovery }),
  ]);
  const running = Promise.all(workers.map(async (worker) => await worker.run()));

  const connect: DiscoveryWorld['connect'] = async ({ intervalSeconds = null, concurrency = 4 } = {}) => {
    const id = newId();
    const invitation = { lifetimeSeconds: 86_400, passcodeRequired: false, confirm: false };
    const ref = { id, tenant: 'acme', provider: 'cloud', region: 'r1', method: 'signIn' };
    const discovery = { intervalSeconds, concurrency };
    const input: ConnectionInput = { ...ref, name: null, tags: [], setup: {}, invitation, discovery };
    const labels = { providerName: 'Cloud', methodName: 'Sign in' };
    const { client } = environment;
    await client.workflow.start(
      workflowTypes.connection,
      startOptions(input, '', labels, await environment.currentTimeMs()),
    );
    const handle = client.workflow.getHandle(id);
    const answer = { kind: 'code', code: 'code', sealedVerifier: 'sealed', iss: null } as const;
    const state = { stateHash: randomUUID(), browserHash: 'browser', redirectUri: 'https://mooring.test/callback' };
    await handle.signal(messages.oauthCallback, { epoch: 1, ...state, answer });
    const view = async () => await handle.query<ConnectionView>(messages.view);
    return {
      id,
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
  return {
    world: { skipping, lister, upkeep, inventory, ephemeral, connect },
    async close() {
      for (const worker of workers) worker.shutdown();
      await running;
      await skipping.close();
      await Promise.all([secrets.close(), ephemeral.close()]);
    },
  };
}

const base32 = 'abcdefghijklmnopqrstuvwxyz234567';
const newId = (): string => `con_${[...randomBytes(26)].map((byte) => base32[byte % 32]).join('')}`;
