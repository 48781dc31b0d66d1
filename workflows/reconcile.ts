import { ApplicationFailure, proxyActivities, setCurrentDetails, upsertMemo } from '@temporalio/workflow';
import type { Activities } from '../contracts/activities.ts';
import { taskQueues } from '../contracts/ids.ts';
import type { ReconcileReport } from '../contracts/reconcile.ts';

/** 100,000 connections take two minutes. It heartbeats, so that another worker takes over soon after a kill. */
const { reconcileConnections } = proxyActivities<Activities>({
  taskQueue: taskQueues.workflows,
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  startToCloseTimeout: '20 min',
  heartbeatTimeout: '10 s',
  retry: { initialInterval: '5 s', backoffCoefficient: 2, maximumAttempts: 3 },
});

/**
 * Finds connections whose workflow was ended from outside, and orphaned secrets. Started by a Temporal schedule. One
 * activity does it all, so that the history holds counts and no ids.
 */
export async function reconcile(...input: readonly unknown[]): Promise<ReconcileReport> {
  if (input.length > 0) {
    throw ApplicationFailure.nonRetryable('A reconciliation takes no input.', 'invalid_input');
  }
  const summary = 'Compare stored secrets with running workflows';
  const report = await reconcileConnections.executeWithOptions({ summary }, []);
  const text = sentences(report);
  setCurrentDetails(text);
  upsertMemo({ report: text });
  return report;
}

/** For the person who opens the workflow in the Temporal UI. */
function sentences(report: ReconcileReport): string {
  const { running, late, paused, stuck, stopped, restarted, swept, discarded, failed, postponed } = report;
  return [
    `${running} connections run: ${late} late, ${paused} paused by an operator, ${stuck} stuck, ${stopped} stopped.`,
    `Started again: ${restarted.stopped} as stopped, ${restarted.disconnecting} to go on disconnecting.`,
    `Dropped: what was left of ${swept} ended connections, ${discarded} abandoned submissions.`,
    `Not done this time: ${failed} failed, ${postponed} postponed.`,
  ].join(' ');
}
