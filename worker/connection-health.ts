import type { temporal } from '@temporalio/proto';
import { dueAtMs, isBetweenTries, type PendingActivity } from '../platform/temporal/pending-activity.ts';
import type { Health } from '../activities/reconcile/ports.ts';
import { gateKey } from '../stores/provider-states.ts';
import { isLate, STUCK_ATTEMPTS } from '../contracts/health.ts';
import { searchAttributes } from '../contracts/search-attributes.ts';

type Description = Pick<
  temporal.api.workflowservice.v1.IDescribeWorkflowExecutionResponse,
  'pendingActivities' | 'pendingWorkflowTask' | 'workflowExecutionInfo'
>;

/** What is wrong with a workflow that runs, as far as Temporal can tell. */
export function healthOf(
  { pendingActivities, pendingWorkflowTask, workflowExecutionInfo }: Description,
  nowMs: number,
): Health {
  const activities = pendingActivities ?? [];
  return {
    late: activities.some((activity) => isOverdue(activity, nowMs)),
    paused: activities.some(({ paused }) => paused === true),
    stuck: (pendingWorkflowTask?.attempt ?? 0) >= STUCK_ATTEMPTS,
    status: statusOf(workflowExecutionInfo),
  };
}

/** A paused activity waits for a person, and a running one has a timeout of its own: neither is late. */
const isOverdue = (activity: PendingActivity, nowMs: number): boolean =>
  activity.paused !== true && isBetweenTries(activity) && isLate(dueAtMs(activity), nowMs);

/** The status that the connection's workflow wrote as a search attribute; null if there is none. */
const statusOf = (execution: Description['workflowExecutionInfo']): string | null =>
  keywordOf(execution?.searchAttributes?.indexedFields?.[searchAttributes.status.name]?.data);

/** The key of the gate of its provider's region. */
export function gateOf(execution: Description['workflowExecutionInfo']): string | null {
  const fields = execution?.searchAttributes?.indexedFields;
  const provider = keywordOf(fields?.[searchAttributes.provider.name]?.data);
  const region = keywordOf(fields?.[searchAttributes.region.name]?.data);
  return provider === null || region === null ? null : gateKey(provider, region);
}

/** Search attributes are JSON, and never sealed. */
function keywordOf(data: Uint8Array | null | undefined): string | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(data ?? []).toString());
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}
