/** What one reconciliation found and did. Counts alone: ids of connections stay in the activity. */
export interface ReconcileReport {
  readonly v: 1;
  /** ISO 8601: when it was done. */
  readonly at: string;
  /** Connections whose workflow runs. */
  readonly running: number;
  /** Of those: an activity is more than two minutes overdue, because no worker takes it up. */
  readonly late: number;
  /** Of those: an operator paused an activity. */
  readonly paused: number;
  /** Of those: the workflow task fails again and again. */
  readonly stuck: number;
  /** Of those: ended from outside, and waiting for a person to decide. */
  readonly stopped: number;
  /** Ended from outside, and started again: as `stopped`, or to go on disconnecting. */
  readonly restarted: { readonly stopped: number; readonly disconnecting: number };
  /** Ended long ago with something left in the secret store, which is revoked and destroyed now. */
  readonly swept: number;
  /** Abandoned submissions and sign-ins, dropped now. */
  readonly discarded: number;
  /** Could not be checked or repaired this time; the log has the ids and reasons. */
  readonly failed: number;
  /** More was found than one run may repair; the next run continues. */
  readonly postponed: number;
}

/** The part of a report that is published for metrics and readiness. */
export type ReconcileCounts = Pick<ReconcileReport, 'at' | 'running' | 'late' | 'paused' | 'stuck' | 'stopped'>;

export interface ReconcileActivities {
  /** Compares the secret store with the workflows that run, and repairs the differences. Idempotent. */
  reconcileConnections(): Promise<ReconcileReport>;
}
