import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { searchAttributes } from '../../../../contracts/search-attributes.ts';
import { KeyRing } from '../../../../platform/key-ring.ts';
import { createDataConverter } from '../../../../platform/temporal/data-converter.ts';
import { listExecutions } from '../../../../platform/temporal/list-executions.ts';

export interface Garbage {
  readonly message: string;
  readonly how: 'signal' | 'update';
  /** Sealed as the product does it, or in clear as from Temporal's own command line. */
  readonly sealed: boolean;
  readonly args: readonly unknown[];
}

/** What a person with access to Temporal does, past the API. */
export interface Operator {
  terminate(workflowId: string): Promise<void>;
  cancel(workflowId: string): Promise<void>;
  /** To its last workflow task, as `temporal workflow reset --type LastWorkflowTask` does. */
  reset(workflowId: string): Promise<void>;
  send(workflowId: string, garbage: Garbage): Promise<void>;
  /** Has every schedule of the namespace do its work now, once more than it would by itself. */
  triggerSchedules(): Promise<void>;
  /** Every running workflow, and how often its workflow task in hand was tried: more and more where it can't go on. */
  taskAttempts(): Promise<ReadonlyMap<string, number>>;
  /** When the connection has said, in any of its runs, that a replay cost it its grant. Unix milliseconds. */
  replayMarks(workflowId: string): Promise<readonly number[]>;
  close(): Promise<void>;
}

const CALL_WITHIN_MS = 10_000;
const REPLAY_LOST = 'rotation_response_lost';

export async function createOperator(address: string, namespace: string, keys: string): Promise<Operator> {
  const connection = await Connection.connect({ address });
  const clear = new Client({ connection, namespace });
  const sealing = new Client({ connection, namespace, dataConverter: createDataConverter(KeyRing.parse(keys), true) });
  const within = async <T>(call: () => Promise<T>): Promise<T> =>
    await connection.withDeadline(Date.now() + CALL_WITHIN_MS, call);
  const handle = (id: string) => clear.workflow.getHandle(id);

  /** When a run said that a replay was refused, in Unix milliseconds. */
  const marksIn = async (id: string, runId: string): Promise<number[]> => {
    const { events } = await within(() => clear.workflow.getHandle(id, runId).fetchHistory());
    return (events ?? []).flatMap(({ eventTime, upsertWorkflowSearchAttributesEventAttributes: upserted }) => {
      const reason = upserted?.searchAttributes?.indexedFields?.[searchAttributes.reason.name];
      if (!reason || defaultPayloadConverter.fromPayload(reason) !== REPLAY_LOST) return [];
      return [Number(eventTime?.seconds ?? 0) * 1_000 + (eventTime?.nanos ?? 0) / 1e6];
    });
  };

  return {
    terminate: async (id) => void (await within(() => handle(id).terminate('chaos'))),
    cancel: async (id) => void (await within(() => handle(id).cancel())),
    async reset(id) {
      const { events } = await within(() => handle(id).fetchHistory());
      const last = events?.findLast(({ workflowTaskCompletedEventAttributes: task }) => task != null);
      if (!last?.eventId) return;
      const { eventId } = last;
      await within(() =>
        connection.workflowService.resetWorkflowExecution({
          namespace,
          workflowExecution: { workflowId: id },
          reason: 'chaos',
          workflowTaskFinishEventId: eventId,
          requestId: randomUUID(),
        }),
      );
    },
    async send(id, { message, how, sealed, args }) {
      const { workflow } = sealed ? sealing : clear;
      const target = workflow.getHandle(id);
      if (how === 'signal') return await within(() => target.signal(message, ...args));
      // What the connection answers is its own affair; that it goes on is looked at later.
      const sent = within(() =>
        target.startUpdate<unknown, [unknown]>(message, { args: [...args] as [unknown], waitForStage: 'ACCEPTED' }),
      );
      await sent.catch(() => {});
    },
    async triggerSchedules() {
      const schedules = await within(() =>
        connection.workflowService.listSchedules({ namespace, maximumPageSize: 100 }),
      );
      for (const { scheduleId } of schedules.schedules ?? []) {
        if (scheduleId) await within(() => clear.schedule.getHandle(scheduleId).trigger());
      }
    },
    async taskAttempts() {
      const { workflowService } = connection;
      const attempts = new Map<string, number>();
      const query = 'ExecutionStatus = "Running"';
      for await (const page of listExecutions(workflowService, { namespace, query, pageSize: 1_000 }, within)) {
        for (const { execution } of page) {
          const described = await within(() =>
            workflowService.describeWorkflowExecution({ namespace, ...(execution && { execution }) }),
          );
          attempts.set(execution?.workflowId ?? '', described.pendingWorkflowTask?.attempt ?? 0);
        }
      }
      return attempts;
    },
    async replayMarks(id) {
      // As it came: the memo of a run may be sealed with a key that was not there yet when this began.
      const request = { namespace, query: `WorkflowId = "${id}"`, pageSize: 1_000 };
      const marks: number[] = [];
      for await (const page of listExecutions(connection.workflowService, request, within)) {
        for (const { execution } of page) marks.push(...(await marksIn(id, execution?.runId ?? '')));
      }
      return marks;
    },
    close: async () => await connection.close(),
  };
}
