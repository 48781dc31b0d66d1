import {
  isGrpcServiceError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  type Client,
} from '@temporalio/client';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { ConnectionDirectory, Legacy, Lookup } from '../activities/reconcile/ports.ts';
import type { Clock } from '../platform/clock.ts';
import type { ConnectionView, RequestMemo } from '../contracts/connection.ts';
import { discardingWorkflowId, sweepingWorkflowId, taskQueues, workflowTypes } from '../contracts/ids.ts';
import { inSummary } from '../contracts/plain-text.ts';
import { searchAttributes } from '../contracts/search-attributes.ts';
import { restartInput, restartView, type Restart } from '../contracts/restart.ts';
import { listExecutions } from '../platform/temporal/list-executions.ts';
import { startAttributes, type StartDigests } from '../platform/temporal/start-attributes.ts';
import type { WorkflowName } from '../contracts/workflows.ts';
import { startWorkflow, type StartOptions } from '../platform/temporal/typed-client.ts';
import type { SearchDigests } from '../stores/search-digests.ts';
import { gateOf, healthOf } from './connection-health.ts';

const DEADLINE_MS = 10_000;
/** Each comes with its memo: a larger page would cost memory that the process keeps. */
const PAGE = 200;

/** grpc/status.proto. */
const NOT_FOUND = 5;
/** temporal.api.enums.v1.WorkflowExecutionStatus. A continued run is never the newest one. */
const RUNNING = 1;
const COMPLETED = 2;

const ofConnections = `WorkflowType='${workflowTypes.connection}'`;
const queries = {
  running: `${ofConnections} AND ExecutionStatus='Running'`,
  endedFromOutside: `${ofConnections} AND ExecutionStatus IN ('Terminated', 'Canceled', 'Failed', 'TimedOut')`,
};

/** Connections as Temporal has them, for reconciling them with what is stored. */
export function createConnectionDirectory(
  client: Client,
  clock: Clock,
  digests: Pick<SearchDigests, 'connection'>,
): ConnectionDirectory {
  const { namespace } = client.options;
  const within = async <T>(call: () => Promise<T>): Promise<T> =>
    // A gRPC deadline is a point in real time, so the injected clock does not apply.
    await client.withDeadline(Date.now() + DEADLINE_MS, call);

  const list = (query: string) => listExecutions(client.workflowService, { namespace, query, pageSize: PAGE }, within);

  const start = async <N extends WorkflowName>(name: N, options: StartOptions<N>): Promise<'started' | 'refused'> => {
    try {
      await within(() => startWorkflow(client, name, { workflowIdConflictPolicy: 'FAIL', ...options }));
      return 'started';
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return 'refused';
      throw error;
    }
  };

  return {
    async namespace() {
      const { namespaceInfo } = await within(() => client.workflowService.describeNamespace({ namespace }));
      return { id: namespaceInfo?.id || namespace, name: namespace };
    },
    async count(status) {
      const query = status ? `${queries.running} AND ${searchAttributes.status.name}='${status}'` : queries.running;
      const { count } = await within(() => client.workflowService.countWorkflowExecutions({ namespace, query }));
      return Number(count);
    },
    async *running(beginnings) {
      const parts = beginnings?.map((beginning) => `WorkflowId STARTS_WITH '${beginning}'`).join(' OR ');
      for await (const page of list(parts === undefined ? queries.running : `${queries.running} AND (${parts})`)) {
        yield page.flatMap((execution) => {
          const id = execution.execution?.workflowId;
          return id ? [{ id, gate: gateOf(execution) }] : [];
        });
      }
    },
    async *endedFromOutside() {
      for await (const page of list(queries.endedFromOutside)) {
        yield page.flatMap(({ execution }) => execution?.workflowId ?? []);
      }
    },

    async find(id): Promise<Lookup> {
      try {
        const request = { namespace, execution: { workflowId: id } };
        const described = await within(() => client.workflowService.describeWorkflowExecution(request));
        const status: number = described.workflowExecutionInfo?.status ?? 0;
        const workflowType = described.workflowExecutionInfo?.type?.name ?? '';
        if (status === RUNNING) return { state: 'running', workflowType, health: healthOf(described, clock.now()) };
        return status === COMPLETED ? { state: 'completed' } : { state: 'ended_from_outside', workflowType };
      } catch (error) {
        if (isWorkflowAbsent(error)) return { state: 'unknown' };
        throw error;
      }
    },

    async legacy(id): Promise<Legacy> {
      const described = await within(() => client.workflow.getHandle(id).describe()).catch((error: unknown) => {
        // A memo that cannot be decoded counts as absent. Temporal not answering is an error.
        if (error instanceof ServiceError || isGrpcServiceError(error)) throw error;
        return undefined;
      });
      return legacyOf(described?.memo);
    },

    async restart(restart) {
      const { connection, name, account } = restart.about;
      const found = await digests.connection(connection.tenant, { name, account });
      return await start('connection', restartOptions(restart, found));
    },

    async sweep(connection) {
      return await start('sweeping', {
        workflowId: sweepingWorkflowId(connection.id),
        taskQueue: taskQueues.workflows,
        args: [{ connection }],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        staticSummary: 'Revokes and destroys what was left of an ended connection',
      });
    },

    async discard(input) {
      return await start('discarding', {
        workflowId: discardingWorkflowId(input.connection.id, input.pendingRef),
        taskQueue: taskQueues.workflows,
        args: [input],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        staticSummary: 'Drops submitted values that no connection will use',
      });
    },
  };
}

/** Temporal answers "not found" for a missing namespace too; then nothing is known about the workflow. */
function isWorkflowAbsent(error: unknown): boolean {
  const status = error instanceof ServiceError ? error.cause : error;
  if (!isGrpcServiceError(status)) return false;
  const code: number = status.code;
  return code === NOT_FOUND && !/namespace/i.test(status.details);
}

const viewShape = Type.Object({
  id: Type.String(),
  tenant: Type.String(),
  provider: Type.String(),
  region: Type.String(),
  method: Type.String(),
  status: Type.String(),
  tags: Type.Array(Type.String()),
  setup: Type.Record(Type.String(), Type.String()),
  createdAt: Type.String(),
});
const requestShape = Type.Object({ digest: Type.String(), invitationExpiresAt: Type.String() });

function legacyOf(memo: Readonly<Record<string, unknown>> | undefined): Legacy {
  const view = memo?.['view'];
  const request = memo?.['request'];
  return {
    // The workflow or the API wrote it from these types, and the fields used below have just been checked.
    view: Value.Check(viewShape, view) ? (view as unknown as ConnectionView) : null,
    request: Value.Check(requestShape, request) ? (request satisfies RequestMemo) : null,
  };
}

/** The same options as the API's start: the connection is listed at once, and is readable in the Temporal UI. */
function restartOptions(restart: Restart, digests: StartDigests): StartOptions<'connection'> {
  const { connection, name, request } = restart.about;
  const view = restartView(restart);
  return {
    workflowId: connection.id,
    taskQueue: taskQueues.workflows,
    args: [restartInput(restart), restart],
    // A workflow that completed is never started again.
    workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
    typedSearchAttributes: startAttributes(view, digests),
    memo: { view, ...(request && { request }) },
    staticSummary: `${connection.provider} (${connection.region}) for ${connection.tenant}${name ? `: ${inSummary(name)}` : ''}`,
    staticDetails: [
      `Keeps one ${connection.provider} connection of tenant \`${connection.tenant}\` alive.`,
      'Its workflow was ended from outside, and this one was started in its place.',
      'The current details say what it is doing and why; the pending timer or activity says what comes next.',
    ].join('\n\n'),
  };
}
