import { getExternalWorkflowHandle } from '@temporalio/workflow';
import type { DiscoveryDone, DiscoveryTrigger } from '../../contracts/discovery.ts';
import { discoveryWorkflowId } from '../../contracts/ids.ts';
import { iso } from '../../contracts/time.ts';
import { untilDone } from './activities.ts';
import { refresh } from './operations.ts';
import type { ConnectionRuntime } from './runtime.ts';

/**
 * Starts a discovery unless one is under way: a workflow of its own, that outlives this run. Those that are due are
 * started by upkeep.
 */
export async function startDiscovery(runtime: ConnectionRuntime, trigger: DiscoveryTrigger): Promise<void> {
  const { ref, epoch, discovery: plan } = runtime.state;
  if (!plan) return;
  const since = iso(runtime.now);
  await untilDone.startDiscovery.executeWithOptions({ summary: `Start a discovery, ${trigger}` }, [
    { connection: ref, epoch, trigger, since, concurrency: plan.concurrency },
  ]);
}

export async function serveDiscoveryDone(runtime: ConnectionRuntime, done: DiscoveryDone): Promise<void> {
  const { discovery: plan } = runtime.state;
  if (!plan) return;
  // Its entry was published when the pass was recorded.
  if (done.outcome === 'done') return runtime.changeToldBefore({ type: 'discoveryFinished', summary: done.summary });
  runtime.change({ type: 'discoveryRefused', problem: done.problem });
  if (plan.refreshed) return runtime.change({ type: 'refused', problem: done.problem });
  // Refused once: a forced refresh, and the lists again.
  const { problem } = await refresh(runtime, { askedAtMs: runtime.now, minTtlSeconds: null });
  if (!problem) await startDiscovery(runtime, 'reauthorised');
}

/** Best effort: one that is not there, or has just ended, is what is wanted. */
export async function cancelDiscovery(runtime: ConnectionRuntime): Promise<void> {
  if (!runtime.state.discovery) return;
  try {
    await getExternalWorkflowHandle(discoveryWorkflowId(runtime.state.ref.id)).cancel();
  } catch {
    // Its writes are refused after the drop in any case.
  }
}
