import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { createAdvanceBatch } from '../../../activities/batches/advance-batch.ts';
import { createTellBatch } from '../../../activities/batches/tell-batch.ts';
import { createDestroySecrets } from '../../../activities/disconnect.ts';
import {
  batchMessages,
  ITEMS_IN_A_PART,
  outcomeOfLetter,
  type AddItemsReply,
  type BatchInput,
  type BatchView,
  type ItemOutcome,
} from '../../../contracts/batches.ts';
import { taskQueues, workflowTypes } from '../../../contracts/ids.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { createLogger } from '../../../platform/logger.ts';
import { readableId } from '../../../platform/readable-id.ts';
import { manifest } from '../../../providers/aws/manifest.ts';
import type { Provider } from '../../../providers/provider.ts';
import { partKey, partOf } from '../../../stores/batches/parts.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import { createSqliteEphemeralStore } from '../../../stores/ephemeral/sqlite.ts';
import type { EphemeralStore } from '../../../stores/ephemeral/port.ts';
import { createSqliteSecretStore } from '../../../stores/secrets/sqlite.ts';
import type { SecretStore } from '../../../stores/secrets/port.ts';
import { heartbeat } from '../../../worker/heartbeat.ts';
import { workflowBundle } from '../../support/bundle.ts';
import { eventually } from '../../support/eventually.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { startTimeSkipping, type TimeSkipping } from '../../support/time-skipping.ts';
import { createHeldSteps } from './held-steps.ts';
import { createScriptedConnections, type ScriptedConnections } from './scripted-connections.ts';

/** The real workflow and activities of batches; connections are scripted, so that thousands take seconds. */
export interface BatchWorld {
  readonly skipping: TimeSkipping;
  readonly connections: ScriptedConnections;
  readonly secrets: SecretStore;
  readonly ephemeral: EphemeralStore;
  start(changes?: Partial<BatchInput>): Promise<StartedBatch>;
  /** Lets that much of the environment's time pass. */
  pass(minutes: number): Promise<void>;
}

export interface StartedBatch {
  readonly id: string;
  readonly handle: WorkflowHandle;
  /** Stores items and has the batch take them, as the API does. Answers the number of the first. */
  add(labels: readonly string[], requestId?: string): Promise<number>;
  /** `isHeld`: the test itself keeps the step under way from ending. */
  cancel(options?: { readonly isHeld?: boolean }): Promise<BatchView>;
  view(): Promise<BatchView>;
  outcomes(): Promise<readonly (ItemOutcome | undefined)[]>;
  until(what: string, isTrue: (view: BatchView) => boolean, withinMs?: number): Promise<BatchView>;
  /** What subscribers were told of it, oldest first. */
  told(): Promise<readonly { readonly event: string; readonly counts: BatchView['counts'] }[]>;
  /** What is stored of its items. */
  stored(): Promise<readonly string[]>;
}

const roleArn = (name: string): string => `arn:aws:iam::222233334441:role/${name}`;

export function useBatchWorld(): BatchWorld {
  let world: BatchWorld | undefined;
  let close: () => Promise<void>;
  let endAll: () => Promise<void>;
  beforeAll(async () => {
    ({ world, close, endAll } = await createWorld());
  });
  afterEach(async () => await endAll());
  beforeEach(() => world?.connections.reset());
  afterAll(async () => await close());
  return new Proxy({} as BatchWorld, { get: (_, name) => world?.[name as keyof BatchWorld] });
}

async function createWorld(): Promise<{
  world: BatchWorld;
  close: () => Promise<void>;
  /** Ends every batch, so that none takes part in time that a later test lets pass. */
  endAll: () => Promise<void>;
}> {
  const skipping = await startTimeSkipping();
  const { clock, environment } = skipping;
  const folder = temporaryFolder();
  const keyRing = KeyRing.parse(KeyRing.generate());
  const secrets = createSqliteSecretStore({ path: join(folder, 'secrets.db'), keyRing, clock });
  const ephemeral = createSqliteEphemeralStore({ path: join(folder, 'ephemeral.db'), keyRing, clock });
  const connections = createScriptedConnections({ ephemeral, clock });
  const logger = createLogger('worker', 'silent');
  const providers = new Map([['aws', { manifest } as unknown as Provider]]);
  const deps = { secrets, ephemeral, providers, clock, logger, random: Math.random };
  // No time passes for the environment while an activity runs.
  const steps = createHeldSteps(createAdvanceBatch({ ...deps, connections, sleep: async () => await setImmediate() }));
  const activities = {
    advanceBatch: steps.advanceBatch,
    tellBatch: createTellBatch(deps),
    destroySecrets: createDestroySecrets(deps),
  };
  const worker = await skipping.createWorker({
    activities,
    interceptors: { activity: [heartbeat] },
    taskQueue: taskQueues.workflows,
    workflowBundle: await workflowBundle(),
  });
  const running = worker.run();
  // Not the environment's own client: where that one waits for a result, time is skipped.
  const client = new Client({ connection: environment.connection });

  const open: StartedBatch[] = [];

  const world: BatchWorld = {
    skipping,
    connections,
    secrets,
    ephemeral,
    async start(changes = {}) {
      const input = inputOf(changes);
      const { id, tenant } = input;
      await client.workflow.start(workflowTypes.batch, {
        workflowId: id,
        taskQueue: taskQueues.workflows,
        args: [input],
        memo: { view: {} },
      });
      const handle = client.workflow.getHandle(id);
      const view = async () => await handle.query<BatchView>(batchMessages.view);
      let additions = 0;
      const started: StartedBatch = {
        id,
        handle,
        view,
        async add(labels, requestId) {
          const ref = requestId ?? `items-${additions++}`;
          for (let part = 0; part * ITEMS_IN_A_PART < labels.length; part++) {
            const own = labels.slice(part * ITEMS_IN_A_PART, (part + 1) * ITEMS_IN_A_PART);
            const items = own.map((label) => ({ name: null, label, fields: { role_arn: roleArn(label) } }));
            await secrets.write('pending', partKey(id, ref, part), partOf(input, {}, items));
          }
          const command = { tenant, ref, count: labels.length, ...(requestId !== undefined && { requestId }) };
          return (await handle.executeUpdate<AddItemsReply, [object]>(batchMessages.addItems, { args: [command] }))
            .from;
        },
        async cancel({ isHeld = false } = {}) {
          const send = async () =>
            await handle.executeUpdate<BatchView, [object]>(batchMessages.cancel, { args: [{ tenant }] });
          return isHeld ? await send() : await steps.during(handle, send);
        },
        outcomes: async () => [...(await handle.query<string>(batchMessages.outcomes))].map(outcomeOfLetter),
        until: async (what, isTrue, withinMs = 60_000) =>
          await eventually(
            what,
            async () => {
              const now = await view();
              if (!isTrue(now)) throw new Error(`It is ${now.status}: ${JSON.stringify(now.counts)}`);
              return now;
            },
            withinMs,
          ),
        async told() {
          const entries = await ephemeral.readStream(ephemeralKeys.events(tenant), null, 10_000);
          const events = entries.map(
            ({ value }) => value as unknown as { batch: string; event: string; counts: BatchView['counts'] },
          );
          return events.filter(({ batch }) => batch === id);
        },
        stored: async () => await secrets.list('pending', `${id}/`),
      };
      open.push(started);
      return started;
    },
    pass: async (minutes) => {
      // One call must end within the client's deadline, however much happens in that time.
      for (let left = minutes; left > 0; left -= 12 * 60) await environment.sleep(Math.min(left, 12 * 60) * 60_000);
      await clock.sync();
    },
  };
  return {
    world,
    async endAll() {
      await connections.letIn();
      // Not terminated: what is under way then would keep the server from skipping time ever after.
      for (const batch of open.splice(0)) {
        await batch.cancel().catch(() => undefined);
        await batch.handle.result();
      }
    },
    async close() {
      worker.shutdown();
      await running;
      await skipping.close();
      await Promise.all([secrets.close(), ephemeral.close()]);
    },
  };
}

const inputOf = (changes: Partial<BatchInput>): BatchInput => ({
  id: readableId('bat_', randomBytes(17)),
  tenant: `t-${randomBytes(4).toString('hex')}`,
  provider: 'aws',
  region: 'aws',
  method: 'role',
  name: null,
  terms: {
    tags: [],
    setup: { externalId: 'Mooring-of-the-batch' },
    discovery: null,
    deadlineSeconds: null,
    mostConnections: null,
  },
  window: 20,
  openSeconds: 90 * 86_400,
  ...changes,
});
