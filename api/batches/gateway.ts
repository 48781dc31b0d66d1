import { randomUUID } from 'node:crypto';
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import Type from 'typebox';
import { Value } from 'typebox/value';
import {
  batchMessages,
  batchStatuses,
  MOST_ITEMS,
  type AddItemsCommand,
  type AddItemsReply,
  type BatchInput,
  type BatchView,
} from '../../contracts/batches.ts';
import { taskQueues, workflowTypes } from '../../contracts/ids.ts';
import type { Command } from '../../contracts/messages.ts';
import { inSummary } from '../../contracts/plain-text.ts';
import { searchAttributes as names } from '../../contracts/search-attributes.ts';
import type { Json } from '../../platform/json.ts';
import { KeyRingError } from '../../platform/key-ring.ts';
import { startWorkflow, type StartOptions } from '../../platform/temporal/typed-client.ts';
import { ApiProblem } from '../http/problem.ts';
import { deadlines, retryWhileClosing, within } from '../temporal/deadlines.ts';
import { describe } from '../temporal/description.ts';
import { fromTemporal, isOvertakenByEnd, isWorkflowGone, type Waiting } from '../temporal/errors.ts';
import type { Execution } from '../temporal/execution.ts';
import { readMemo, viewUndecodable, viewUnopened } from '../temporal/memo.ts';
import { quote } from '../temporal/visibility.ts';

export interface FoundBatch {
  readonly view: BatchView;
  /** Of the request that created it. */
  readonly digest: string | undefined;
}

/**
 * The API's access to batches in Temporal. A batch of another tenant is `batch_not_found`. Throws `ApiProblem` for every
 * error that a caller can meet.
 */
export interface BatchesGateway {
  /** When the id was used before, answers that batch instead. */
  start(input: BatchInput, view: BatchView, digest: string): Promise<FoundBatch & { readonly created: boolean }>;
  /** Needs no worker. */
  view(tenant: string, id: string): Promise<FoundBatch>;
  /** How many batches of the tenant have not ended, about a second behind. */
  count(tenant: string): Promise<number>;
  /** Safe to repeat with the same `requestId`. */
  addItems(id: string, command: AddItemsCommand): Promise<AddItemsReply>;
  cancel(id: string, command: Command): Promise<BatchView>;
  /** The outcomes of all items in order, a letter each. Asks a worker. */
  outcomes(tenant: string, id: string): Promise<string>;
}

/** More than this many runs during one request is a bug. */
const MOST_RUNS = 3;

export function createBatchesGateway({ client }: { readonly client: Client }): BatchesGateway {
  const decoding = { dataConverter: client.options.loadedDataConverter, namespace: client.options.namespace };

  const ask = async <T>(call: () => Promise<T>, waiting: Waiting = 'temporal'): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      if (isWorkflowGone(error)) throw batchProblems.notFound();
      throw error instanceof KeyRingError ? viewUnopened(error) : fromTemporal(error, waiting);
    }
  };

  const read = async (tenant: string, id: string): Promise<FoundBatch> => {
    const description = await describe(client, id);
    // The tenant is checked before anything is decoded: another tenant must not learn that it is broken.
    if (!description || description.execution.attributes.tenant !== tenant) throw batchProblems.notFound();
    const { execution } = description;
    const [view, request] = await Promise.all([
      readMemo(decoding, execution, 'view'),
      readMemo(decoding, execution, 'request').catch(() => undefined),
    ]);
    if (!isView(view)) throw viewUndecodable(notAView);
    return { view: asEnded(view, execution), digest: isRequest(request) ? request.digest : undefined };
  };

  /** An update that was lost with the end of a run is sent to the next one with the same id. */
  const update = async <Reply, C extends Command>(id: string, name: string, command: C): Promise<Reply> => {
    const updateId = command.requestId ?? randomUUID();
    for (let run = 1; ; run++) {
      try {
        return await within(client, deadlines.serve, () =>
          retryWhileClosing(() =>
            client.workflow.getHandle(id).executeUpdate<Reply, [C]>(name, { args: [command], updateId }),
          ),
        );
      } catch (error) {
        if (!isOvertakenByEnd(error) || run >= MOST_RUNS) throw error;
      }
    }
  };

  /** No run takes the message: the batch has ended. */
  const ended = async <T>(tenant: string, id: string, call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      if (!isWorkflowGone(error)) throw error;
      throw batchProblems.ended((await read(tenant, id)).view.status);
    }
  };

  return {
    async start(input, view, digest) {
      return await ask(async () => {
        try {
          await within(client, deadlines.start, () =>
            startWorkflow(client, 'batch', startOptions(input, view, digest)),
          );
          return { created: true, view, digest };
        } catch (error) {
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
          return { created: false, ...(await read(input.tenant, input.id)) };
        }
      });
    },
    view: async (tenant, id) => await ask(() => read(tenant, id)),
    async count(tenant) {
      const query = `WorkflowType=${quote(workflowTypes.batch)} AND ${names.tenant.name}=${quote(tenant)} AND ExecutionStatus='Running'`;
      return await ask(async () => (await within(client, deadlines.list, () => client.workflow.count(query))).count);
    },
    addItems: async (id, command) =>
      await ask(() => ended(command.tenant, id, () => update(id, batchMessages.addItems, command)), 'verb'),
    cancel: async (id, command) =>
      await ask(() => ended(command.tenant, id, () => update(id, batchMessages.cancel, command)), 'verb'),
    async outcomes(tenant, id) {
      return await ask(async () => {
        await read(tenant, id);
        return await within(client, deadlines.query, () =>
          client.workflow.getHandle(id).query<string>(batchMessages.outcomes),
        );
      }, 'question');
    },
  };
}

function startOptions(input: BatchInput, view: BatchView, digest: string) {
  return {
    workflowId: input.id,
    taskQueue: taskQueues.workflows,
    args: [input],
    // An id belongs to one batch for ever, also after it has ended.
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
    typedSearchAttributes: [
      { key: defineSearchAttributeKey(names.tenant.name, 'KEYWORD'), value: input.tenant },
      { key: defineSearchAttributeKey(names.provider.name, 'KEYWORD'), value: input.provider },
    ],
    memo: { view, request: { digest } } as unknown as Record<string, Json>,
    staticSummary: `A batch of ${input.provider} (${input.region}) for ${input.tenant}${input.name === null ? '' : `: ${inSummary(input.name)}`}`,
  } satisfies StartOptions<'batch'>;
}

const Shape = Type.Object({
  id: Type.String(),
  tenant: Type.String(),
  provider: Type.String(),
  region: Type.String(),
  method: Type.String(),
  tags: Type.Array(Type.String()),
  status: Type.Enum([...batchStatuses]),
  items: Type.Integer(),
  counts: Type.Record(Type.String(), Type.Integer()),
  setup: Type.Record(Type.String(), Type.String()),
  createdAt: Type.String(),
});
/** The workflow or this process wrote it from the type; only what is used here is checked. */
const isView = (value: unknown): value is BatchView => Value.Check(Shape, value);
const RequestShape = Type.Object({ digest: Type.String() });
const isRequest = (value: unknown): value is { readonly digest: string } => Value.Check(RequestShape, value);

/** A batch whose workflow was ended from outside could not say so. */
const asEnded = (view: BatchView, { state }: Execution): BatchView =>
  state === 'stopped' ? { ...view, status: 'stopped' } : view;

const notAView = {
  code: 'view_undecodable',
  message: 'What Temporal keeps of this batch is not in a form that this version of Mooring reads.',
  remedy: 'Deploy the version that wrote it, or a newer one; if it persists, report it with the id of the batch.',
};

export const batchProblems = {
  notFound: () =>
    new ApiProblem({
      status: 404,
      code: 'batch_not_found',
      message: 'There is no such batch.',
      remedy: 'Check the id, and that the API key is of the tenant that created it.',
    }),
  full: (items: number) =>
    new ApiProblem({
      status: 409,
      code: 'batch_full',
      message: `The batch has ${items} items; with these it would have more than ${MOST_ITEMS}.`,
      remedy: 'Create a new batch for the others: POST /v1/batches.',
    }),
  ended: (status: string) =>
    new ApiProblem({
      status: 409,
      code: 'batch_ended',
      message: `The batch is ${status} and takes nothing any more.`,
      remedy: 'Create a new batch: POST /v1/batches.',
    }),
};
