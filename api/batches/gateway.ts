import type { Client } from '@temporalio/client';
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
import { taskQueues } from '../../contracts/ids.ts';
import type { Command } from '../../contracts/messages.ts';
import { inSummary } from '../../contracts/plain-text.ts';
import { searchAttributes as names } from '../../contracts/search-attributes.ts';
import type { Json } from '../../platform/json.ts';
import type { StartOptions } from '../../platform/temporal/typed-client.ts';
import { ApiProblem } from '../http/problem.ts';
import { createJobs, type FoundJob } from '../temporal/jobs.ts';

export type FoundBatch = FoundJob<BatchView>;

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

export function createBatchesGateway({ client }: { readonly client: Client }): BatchesGateway {
  const jobs = createJobs(client, {
    workflow: 'batch',
    isView,
    notAView,
    notFound: batchProblems.notFound,
    ended: ({ status }) => batchProblems.ended(status),
  });
  const { ask, update } = jobs;
  return {
    start: async (input, view, digest) => await jobs.start({ view, digest }, startOptions(input, view, digest)),
    view: jobs.view,
    count: async (tenant) => await ask(() => jobs.count(tenant)),
    addItems: async (id, command) => await ask(() => update(id, batchMessages.addItems, command), 'verb'),
    cancel: async (id, command) => await ask(() => update(id, batchMessages.cancel, command), 'verb'),
    outcomes: async (tenant, id) => await ask(() => jobs.query<string>(tenant, id, batchMessages.outcomes), 'question'),
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
