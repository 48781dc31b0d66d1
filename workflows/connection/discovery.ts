import { getExternalWorkflowHandle } from '@temporalio/workflow';
import type { CredentialFacts } from '../../contracts/connection.ts';
import type { DiscoveryDone, DiscoveryTrigger } from '../../contracts/discovery.ts';
import { discoveryWorkflowId } from '../../contracts/ids.ts';
import { iso } from '../../contracts/time.ts';
import { untilDone } from './activities.ts';
import { refresh } from './operations.ts';
import type { ConnectionRuntime } from './runtime.ts';

/**
 * Starts a discovery, a workflow of its own that outlives this run, unless one is running. Discoveries that are due by
 * schedule are started by upkeep.
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
  // The activity that recorded the pass has published its timeline entry.
  if (done.outcome === 'done') return runtime.changeToldBefore({ type: 'discoveryFinished', summary: done.summary });
  // The customer has signed in again meanwhile: the refusal is of a credential that is no longer in use.
  if (isIssuedSince(runtime.state.credential, done.since)) return await startDiscovery(runtime, 'reauthorised');
  runtime.change({ type: 'discoveryRefused', problem: done.problem });
  if (plan.refreshed) return runtime.change({ type: 'refused', problem: done.problem });
  // Rejected for the first time: refresh, then list again.
  const { problem } = await refresh(runtime, { askedAtMs: runtime.now, minTtlSeconds: null });
  if (!problem) await startDiscovery(runtime, 'reauthorised');
}

const isIssuedSince = (credential: CredentialFacts | null, since: string): boolean =>
  credential !== null && Date.parse(credential.issuedAt) > Date.parse(since);

/** Best effort: if there is none, or it has just ended, there is nothing to cancel. */
export async function cancelDiscovery(runtime: ConnectionRuntime): Promise<void> {
  if (!runtime.state.discovery) return;
  try {
    await getExternalWorkflowHandle(discoveryWorkflowId(runtime.state.ref.id)).cancel();
  } catch {
    // After the inventory is dropped, its writes are refused in any case.
  }
}
