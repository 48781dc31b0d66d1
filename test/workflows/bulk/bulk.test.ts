import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { createApplyBulk, createTellBulk } from '../../../activities/bulk/apply-bulk.ts';
import { TemporalUnavailable } from '../../../activities/batches/ports.ts';
import type { Asked, BulkConnections } from '../../../activities/bulk/ports.ts';
import {
  bulkMessages,
  type BulkDeed,
  type BulkInput,
  type BulkResults,
  type BulkView,
} from '../../../contracts/bulk.ts';
import type { ConnectionView } from '../../../contracts/connection.ts';
import { taskQueues, workflowTypes } from '../../../contracts/ids.ts';
import type { Command, UpdateName } from '../../../contracts/messages.ts';
import { problems } from '../../../contracts/problem.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { createLogger } from '../../../platform/logger.ts';
import { readableId } from '../../../platform/readable-id.ts';
import { createBatchDetails } from '../../../stores/batches/details.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import { createSqliteEphemeralStore } from '../../../stores/ephemeral/sqlite.ts';
import type { EphemeralStore } from '../../../stores/ephemeral/port.ts';
import { heartbeat } from '../../../worker/heartbeat.ts';
import { workflowBundle } from '../../support/bundle.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { startTimeSkipping, type TimeSkipping } from '../../support/time-skipping.ts';

const TENANT = 'acme';
const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_none, n) => `${prefix}-${n}`);

interface Request {
  readonly id: string;
  readonly verb: UpdateName;
  readonly command: Command;
}

/** Connections as a test wants them; what a connection does is told by the beginning of its name. */
function createScriptedConnections() {
  const requests: Request[] = [];
  let before: (count: number) => Promise<void> = async () => undefined;
  const outcomes: Record<string, Asked> = {
    gone: { outcome: 'gone' },
    slow: { outcome: 'unanswered' },
    no: { outcome: 'refused', problem: problems.stopped },
  };
  const connections: BulkConnections = {
    async view(id) {
      return id.startsWith('gone') ? undefined : ({ id, tags: ['old', 'kept'] } as unknown as ConnectionView);
    },
    async ask(id, verb, command) {
      requests.push({ id, verb, command });
      await before(requests.length);
      return outcomes[id.split('-')[0] ?? ''] ?? { outcome: 'done' };
    },
  };
  return {
    connections,
    requests,
    before(hook: typeof before) {
      before = hook;
    },
    reset() {
      requests.length = 0;
      before = async () => undefined;
    },
  };
}

describe.skipIf(inject('components').timeSkipping === null)('a bulk job', { timeout: 60_000 }, () => {
  let skipping: TimeSkipping;
  let ephemeral: EphemeralStore;
  let client: Client;
  let stop: () => Promise<void>;
  const scripted = createScriptedConnections();

  beforeAll(async () => {
    skipping = await startTimeSkipping();
    const { clock, environment } = skipping;
    const keyRing = KeyRing.parse(KeyRing.generate());
    ephemeral = createSqliteEphemeralStore({ path: join(temporaryFolder(), 'ephemeral.db'), keyRing, clock });
    const logger = createLogger('worker', 'silent');
    const worker = await skipping.createWorker({
      activities: {
        applyBulk: createApplyBulk({ ephemeral, logger, connections: scripted.connections }),
        tellBulk: createTellBulk({ ephemeral, logger }),
      },
      interceptors: { activity: [heartbeat] },
      taskQueue: taskQueues.workflows,
      workflowBundle: await workflowBundle(),
    });
    const running = worker.run();
    client = new Client({ connection: environment.connection });
    stop = async () => {
      worker.shutdown();
      await running;
      await skipping.close();
      await ephemeral.close();
    };
  });
  beforeEach(() => scripted.reset());
  afterAll(async () => await stop());

  async function start(targets: readonly string[], deed: BulkDeed = { action: 'pause' }): Promise<WorkflowHandle> {
    const id = readableId('blk_', randomBytes(17));
    const input: BulkInput = { v: 1, id, tenant: TENANT, deed, reason: null, targets, by: { kind: 'key', id: 'k1' } };
    return await client.workflow.start(workflowTypes.bulk, {
      workflowId: id,
      taskQueue: taskQueues.workflows,
      args: [input],
      memo: { view: {} },
    });
  }
  const cancel = async (handle: WorkflowHandle, tenant = TENANT) =>
    await handle.executeUpdate<BulkView, [object]>(bulkMessages.cancel, { args: [{ tenant }] });
  const end = async (handle: WorkflowHandle) => (await handle.result()) as BulkView;

  test('each connection is asked once, and its outcome counted', async () => {
    const targets = [...names('c', 190), ...names('gone', 3), ...names('slow', 2), ...names('no', 5)];
    const handle = await start(targets);
    const { status, counts, targets: count } = await end(handle);
    expect({ status, count, counts }).toEqual({
      status: 'finished',
      count: 200,
      counts: { pending: 0, done: 190, unanswered: 2, refused: 5, gone: 3, cancelled: 0 },
    });
    expect(scripted.requests.map(({ id }) => id).toSorted()).toEqual(targets.toSorted());
    expect(new Set(scripted.requests.map(({ command }) => command.requestId)).size).toBe(200);
    const kept = await createBatchDetails(ephemeral).read(handle.workflowId, [195]);
    expect(kept.get(195)?.problem?.code).toBe(problems.stopped.code);
  });

  test('2,000 connections that are cancelled in the middle: those that had their turn are done, the others cancelled', async () => {
    const reached = Promise.withResolvers<undefined>();
    scripted.before(async (count) => {
      if (count < 1_000) return;
      reached.resolve(undefined);
      // Until the attempt learns, with a heartbeat, that it is cancelled.
      await Context.current().cancelled.catch(() => undefined);
    });
    const handle = await start(names('c', 2_000));
    await reached.promise;
    expect((await cancel(handle)).status).toBe('cancelling');
    const { status, counts } = await end(handle);
    expect(status).toBe('cancelled');
    expect(counts.done).toBe(scripted.requests.length);
    expect(counts.cancelled).toBe(2_000 - scripted.requests.length);
    expect(scripted.requests.length).toBeLessThan(1_060);
    const { targets, outcomes } = await handle.query<BulkResults>(bulkMessages.results);
    const asked = new Set(scripted.requests.map(({ id }) => id));
    for (const [index, target] of targets.entries()) expect(outcomes[index]).toBe(asked.has(target) ? 'd' : 'x');
  });

  test('where Temporal does not answer, the job goes on once it does, and asks by the same request ids', async () => {
    let refusals = 12;
    scripted.before(async () => {
      if (refusals-- > 0) throw new TemporalUnavailable('away');
    });
    const { counts } = await end(await start(names('c', 30)));
    expect(counts).toMatchObject({ done: 30, unanswered: 0 });
    const byId = Map.groupBy(scripted.requests, ({ id }) => id);
    for (const requests of byId.values()) {
      expect(new Set(requests.map(({ command }) => command.requestId)).size).toBe(1);
    }
  });

  test('a connection that fails in a way that is not known is refused, and stops no other', async () => {
    scripted.before(async (count) => {
      if (count === 3) throw new TypeError('a bug');
    });
    const { counts } = await end(await start(names('c', 20)));
    expect(counts).toMatchObject({ done: 19, refused: 1 });
  });

  test('tags are added to those of each connection, and taken away', async () => {
    const handle = await start(['c-1', 'gone-1'], { action: 'tag', add: ['new', 'kept'], remove: ['old'] });
    expect((await end(handle)).counts).toMatchObject({ done: 1, gone: 1 });
    expect(scripted.requests).toMatchObject([{ id: 'c-1', verb: 'annotate', command: { tags: ['kept', 'new'] } }]);
  });

  test('another tenant cannot cancel it', async () => {
    const go = Promise.withResolvers<undefined>();
    scripted.before(async () => await go.promise);
    const handle = await start(names('c', 3));
    await expect(cancel(handle, 'other')).rejects.toMatchObject({ cause: { type: 'bulk_not_found' } });
    go.resolve(undefined);
    expect((await end(handle)).counts.done).toBe(3);
  });

  test('subscribers are told its end once, with its counts', async () => {
    const handle = await start(names('c', 120));
    await end(handle);
    const entries = await ephemeral.readStream(ephemeralKeys.events(TENANT), null, 10_000);
    const told = entries
      .map(({ value }) => value as unknown as { bulk: string; event: string; counts: BulkView['counts'] })
      .filter(({ bulk, event }) => bulk === handle.workflowId && event === 'bulk_finished');
    expect(told).toMatchObject([{ counts: { done: 120 } }]);
  });
});
