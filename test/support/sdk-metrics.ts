/**
 * The metrics of Temporal's SDK that rules and dashboards use, with their labels. `test/e2e/discovery-without-program.test.ts` finds
 * them in what a worker exports.
 */
export const sdkMetrics: Readonly<Record<string, readonly string[]>> = {
  temporal_sticky_cache_size: [],
  temporal_worker_task_slots_available: ['task_queue', 'worker_type'],
  temporal_workflow_task_execution_failed_total: ['workflow_type'],
};
