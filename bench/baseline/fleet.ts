import { randomUUID } from 'node:crypto';
import { expectedEndMs, type Fleet } from '../support/fleet.ts';
import { spaces, type Stack } from '../support/stack.ts';
import type { RunningProcess } from '../support/process.ts';
import { createTemporalView } from '../support/temporal-view.ts';
import { eachAtOnce, waitFor } from '../support/wait.ts';
import { EMPTY_ACCOUNT } from '../support/accounts.ts';
import { approve, bareCloud, redeem } from './cloud.ts';
import { bareQueue, bareWorkflows } from './contract.ts';
import { startBareWorker } from './process.ts';
import { accessOf, accessPath, recordOf, renewalPath, type BareAccess } from './record.ts';
import { createBareVault } from './vault.ts';

const AT_ONCE = 16;
/** Started, one workflow task, the activity scheduled: there will never be more. */
const EVENTS_WHEN_PENDING = 5;
const PENDING_WITHIN_MS = 120_000;

/** The bare loop over connections that are simply put where it looks for them. */
export async function startBareFleet(stack: Stack): Promise<Fleet> {
  const client = stack.client(spaces.baseline);
  const cloud = bareCloud(stack.cloudVariables);
  const authorizeUrl = stack.cloudVariables['OVH_EU_AUTHORIZE_URL'] ?? '';
  const token = await stack.vault.tokenFor(spaces.baseline, 'worker');
  const vault = createBareVault(stack.vault.address, spaces.baseline, token);
  const temporal = createTemporalView(client);
  const ids: string[] = [];
  let worker: RunningProcess | undefined = await startBareWorker(stack);

  async function add(): Promise<void> {
    const id = `bare-${randomUUID()}`;
    const tokens = await redeem(cloud, await approve(stack.cloud, authorizeUrl, cloud.clientId, EMPTY_ACCOUNT));
    await vault.write(accessPath(id), accessOf(tokens), 0);
    await vault.write(renewalPath(id), recordOf(tokens, 1), 0);
    await client.workflow.start(bareWorkflows.loop, { workflowId: id, taskQueue: bareQueue, args: [id] });
    ids.push(id);
  }

  async function allPending(asked: readonly string[]): Promise<boolean> {
    const histories = await temporal.historyLengths(asked);
    return [...histories.values()].every(({ events }) => events >= EVENTS_WHEN_PENDING);
  }

  return {
    name: 'bare loop',
    space: spaces.baseline,
    ids,
    async grow(to, expectEnd = () => {}) {
      const startedAtMs = Date.now();
      const before = ids.length;
      await eachAtOnce(Array.from({ length: to - before }), AT_ONCE, async () => {
        await add();
        expectEnd(expectedEndMs({ startedAtMs, nowMs: Date.now(), done: ids.length - before, total: to - before }));
      });
      await waitFor(
        'all loops to be pending',
        async () => await allPending(ids.slice(before)),
        PENDING_WITHIN_MS,
        1_000,
      );
    },
    async expired(asked) {
      let expired = 0;
      await eachAtOnce(asked, AT_ONCE, async (id) => {
        const { data } = await vault.read<BareAccess>(accessPath(id));
        if (data.expires_at_ms < Date.now()) expired += 1;
      });
      return expired;
    },
    processes: () => ({ worker: worker ? [worker.pid] : [], ...stack.processes }),
    workerPids: () => (worker ? [worker.pid] : []),
    async stopWorkers() {
      await worker?.stop();
      worker = undefined;
    },
    async startWorkers() {
      worker = await startBareWorker(stack);
    },
    async stop() {
      await worker?.stop();
      worker = undefined;
      // Else their retries would go on being due beside what is measured next.
      await eachAtOnce(ids, AT_ONCE, async (id) => void (await client.workflow.getHandle(id).terminate('Measured.')));
    },
  };
}
