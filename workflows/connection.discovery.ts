import {
  ChildWorkflowCancellationType,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  startChild,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { DiscoveryDone, DiscoveryTrigger } from './contracts/discovery.ts';
import { discoveryWorkflowId } from './contracts/ids.ts';
import type { ConnectionRuntime } from './connection.runtime.ts';
import { iso } from './contracts/time.ts';
import { refresh } from './connection.operations.ts';
import { discovery } from './discovery.ts';
import { isDiscovering } from './discovery.state.ts';

/** Starts a discovery unless one is under way; the answer to "already started" is that one is. */
export async function startDiscovery(rt: ConnectionRuntime, trigger: DiscoveryTrigger): Promise<void> {
  const { ref, epoch, discovery: plan } = rt.state;
  if (!plan || isDiscovering(plan, rt.now)) return;
  const since = iso(rt.now);
  rt.change({ type: 'discoveryStarted', trigger, since });
  try {
    await startChild(discovery, {
      workflowId: discoveryWorkflowId(ref.id),
      args: [{ connection: ref, epoch, trigger, since, concurrency: plan.concurrency }],
      // The default terminates it when this run continues as new, which would lose its result daily.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      staticSummary: `Discovery of ${ref.provider} (${ref.region}), ${trigger}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

export async function serveDiscoveryDone(rt: ConnectionRuntime, done: DiscoveryDone): Promise<void> {
  const { discovery: plan } = rt.state;
  if (!plan) return;
  const random = Math.random();
  if (done.outcome === 'done') {
    rt.change({ type: 'discoveryFinished', summary: done.summary, random });
    return;
  }
  rt.change({ type: 'discoveryRefused', problem: done.problem, random });
  if (plan.refreshed) return rt.change({ type: 'refused', problem: done.problem });
  // Refused once: a forced refresh, and the lists again.
  const { problem } = await refresh(rt, { askedAtMs: rt.now, minTtlSeconds: null });
  if (!problem) await startDiscovery(rt, 'reauthorised');
}

/** Best effort: one that is not there, or has just ended, is what is wanted. */
export async function cancelDiscovery(rt: ConnectionRuntime): Promise<void> {
  if (!rt.state.discovery?.running) return;
  try {
    await getExternalWorkflowHandle(discoveryWorkflowId(rt.state.ref.id)).cancel();
  } catch {
    // Its writes are refused after the drop in any case.
  }
}
