import { Client, Connection } from '@temporalio/client';
import { scheduleIds } from '../../../contracts/ids.ts';
import { eventually } from '../../support/eventually.ts';
import { UNANSWERED } from './traffic.ts';

const WITHIN_MS = 60_000;
/** Several hundred messages, to each of a dozen connections at once. */
const TURN_WITHIN_MS = 180_000;
const AT_ONCE = 4;

/** What an operator sees of the connections' workflows, and does to them; opens no payload. */
export interface TemporalSide {
  terminate(id: string): Promise<void>;
  /** Runs reconcile once. */
  reconcile(): Promise<void>;
  /** Until an activity of this name waits for its next attempt, or runs. */
  untilPending(id: string, activity: string): Promise<void>;
  /** Sends messages until the connection goes on as a new run. */
  turn(id: string, send: () => Promise<unknown>): Promise<void>;
  /** What the end of the retention does: every run that has ended is gone. Answers how many there were. */
  forgetEnded(): Promise<number>;
  close(): Promise<void>;
}

export async function openTemporal({
  address,
  namespace,
}: {
  address: string;
  namespace: string;
}): Promise<TemporalSide> {
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const { workflowService } = connection;
  const describe = async (workflowId: string) =>
    await workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } });
  const runOf = async (id: string) => (await describe(id)).workflowExecutionInfo?.execution?.runId;

  /** Still listed for a moment; each is deleted once. */
  const forgotten = new Set<string>();

  return {
    terminate: async (id) => void (await client.workflow.getHandle(id).terminate('by an operator')),
    async reconcile() {
      const schedule = client.schedule.getHandle(scheduleIds.reconcile);
      const before = (await schedule.describe()).info.numActionsTaken;
      await schedule.trigger();
      await eventually(
        'reconcile to have run',
        async () => {
          const { numActionsTaken, runningActions } = (await schedule.describe()).info;
          return numActionsTaken > before && runningActions.length === 0;
        },
        WITHIN_MS,
      );
    },
    async untilPending(id, activity) {
      await eventually(
        `${activity} of ${id} to be pending`,
        async () => {
          const { pendingActivities } = await describe(id);
          return pendingActivities?.some(
            ({ activityType, attempt }) => activityType?.name === activity && (attempt ?? 0) > 1,
          );
        },
        WITHIN_MS,
      );
    },
    async turn(id, send) {
      const before = await runOf(id);
      // Until its history is long enough: how many messages that takes depends on how many come in one workflow task.
      await eventually(
        `${id} to go on as a new run`,
        async () => {
          await Promise.all(Array.from({ length: AT_ONCE }, async () => await send().catch(unlessUnanswered)));
          return (await runOf(id)) !== before;
        },
        TURN_WITHIN_MS,
      );
    },
    async forgetEnded() {
      const query = `ExecutionStatus != 'Running'`;
      const { executions } = await workflowService.listWorkflowExecutions({ namespace, query, pageSize: 1000 });
      for (const { execution } of executions) {
        if (!execution?.runId || forgotten.has(execution.runId)) continue;
        await workflowService.deleteWorkflowExecution({ namespace, workflowExecution: execution });
        forgotten.add(execution.runId);
      }
      return executions.length;
    },
    close: async () => await connection.close(),
  };
}

function unlessUnanswered(error: unknown): void {
  if ((error as { code?: string }).code !== UNANSWERED) throw error;
}
