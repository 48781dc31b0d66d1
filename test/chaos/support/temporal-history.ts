import { Client, Connection } from '@temporalio/client';

/** What Temporal knows of a connection's run, asked of Temporal itself. */
export interface TemporalView {
  /** Process ids of the workers that took the run's workflow tasks, in order. */
  takers(workflowId: string): Promise<number[]>;
  timedOutTasks(workflowId: string): Promise<number>;
  /** The highest attempt of its pending activities; 0 where none is pending. */
  pendingAttempt(workflowId: string): Promise<number>;
  close(): Promise<void>;
}

export async function openTemporal(address: string): Promise<TemporalView> {
  const connection = await Connection.connect({ address });
  const { workflow } = new Client({ connection });
  const events = async (id: string) => (await workflow.getHandle(id).fetchHistory()).events ?? [];
  return {
    async takers(id) {
      const identities = (await events(id)).map((event) => event.workflowTaskStartedEventAttributes?.identity);
      return identities.flatMap((identity) => (identity ? [Number.parseInt(identity, 10)] : []));
    },
    timedOutTasks: async (id) => (await events(id)).filter((event) => event.workflowTaskTimedOutEventAttributes).length,
    async pendingAttempt(id) {
      // Not through the client: it would decode the memo, for which this has no key.
      const request = { namespace: workflow.options.namespace, execution: { workflowId: id } };
      const { pendingActivities } = await connection.workflowService.describeWorkflowExecution(request);
      return Math.max(0, ...(pendingActivities ?? []).map(({ attempt }) => attempt ?? 0));
    },
    close: async () => await connection.close(),
  };
}
