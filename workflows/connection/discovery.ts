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
export async function startDiscovery(rt: ConnectionRuntime, trigger: DiscoveryTrigger): Promise<void> {
  const { ref, epoch, discovery: plan } = rt.state;
  if (!plan) return;
  const since = iso(rt.now);
  await untilDone.startDiscovery.executeWithOptions({ summary: `Start a discovery, ${trigger}` }, [
    { connection: ref, epoch, trigger, since, concurrency: plan.concurrency },
  ]);
}

export async function serveDiscoveryDone(rt: ConnectionRuntime, done: DiscoveryDone): Promise<void> {
  const { discovery: plan } = rt.state;
  if (!plan) return;
  // Its entry was published when the pass was recorded.
  if (done.outcome === 'done') return rt.changeToldBefore({ type: 'discoveryFinished', summary: done.summary });
  rt.change({ type: 'discoveryRefused', problem: done.problem });
  if (plan.refreshed) return rt.change({ type: 'refused', problem: done.problem });
  // Refused once: a forced refresh, and the lists again.
  const { problem } = await refresh(rt, { askedAtMs: rt.now, minTtlSeconds: null });
  if (!problem) await startDiscovery(rt, 'reauthorised');
}

/** Best effort: one that is not there, or has just ended, is what is wanted. */
export async function cancelDiscovery(rt: ConnectionRuntime): Promise<void> {
  if (!rt.state.discovery) return;
  try {
    await getExternalWorkflowHandle(discoveryWorkflowId(rt.state.ref.id)).cancel();
  } catch {
    // Its writes are refused after the drop in any case.
  }
}
