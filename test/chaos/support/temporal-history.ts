import { Client, Connection } from '@temporalio/client';

/** What Temporal knows of a connection's run, asked of Temporal itself. */
export interface TemporalView {
  /** Process ids of the workers that took the run's workflow tasks, in order. */
  takers(workflowId: string): Promise<number[]>;
  /** The highest attempt of its pending activities, or of those of a type; 0 where none is pending. */
  pendingAttempt(workflowId: string, type?: string): Promise<number>;
  /** Process id of the worker that took a pending activity last; undefined where none has. */
  holder(workflowId: string, type: string): Promise<number | undefined>;
  close(): Promise<void>;
}

export async function openTemporal(address: string): Promise<TemporalView> {
  const connection = await Connection.connect({ address });
  const { workflow } = new Client({ connection });
  const events = async (id: string) => (await workflow.getHandle(id).fetchHistory()).events ?? [];
  /** Not through the client: it would decode the memo, for which this has no key. */
  const pending = async (id: string, type?: string) => {
    const request = { namespace: workflow.options.namespace, execution: { workflowId: id } };
    const { pendingActivities } = await connection.workflowService.describeWorkflowExecution(request);
    return (pendingActivities ?? []).filter(({ activityType }) => type === undefined || activityType?.name === type);
  };
  return {
    async takers(id) {
      const identities = (await events(id)).map((event) => event.workflowTaskStartedEventAttributes?.identity);
      return identities.flatMap((identity) => (identity ? [Number.parseInt(identity, 10)] : []));
    },
    async pendingAttempt(id, type) {
      return Math.max(0, ...(await pending(id, type)).map(({ attempt }) => attempt ?? 0));
    },
    async holder(id, type) {
      const [activity] = await pending(id, type);
      return activity?.lastWorkerIdentity ? Number.parseInt(activity.lastWorkerIdentity, 10) : undefined;
    },
    close: async () => await connection.close(),
  };
}
