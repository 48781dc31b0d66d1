import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import Type from 'typebox';
import { Value } from 'typebox/value';
import {
  bulkActions,
  bulkMessages,
  bulkStatuses,
  type BulkInput,
  type BulkResults,
  type BulkView,
} from '../../contracts/bulk.ts';
import { taskQueues } from '../../contracts/ids.ts';
import type { Command } from '../../contracts/messages.ts';
import { searchAttributes as names } from '../../contracts/search-attributes.ts';
import type { Json } from '../../platform/json.ts';
import type { StartOptions } from '../../platform/temporal/typed-client.ts';
import { ApiProblem } from '../http/problem.ts';
import { createJobs, type FoundJob } from '../temporal/jobs.ts';

/** The API's access to bulk jobs in Temporal. Throws `ApiProblem` for every error that a caller can meet. */
export interface BulkGateway {
  /** When the id was used before, answers that job instead. */
  start(input: BulkInput, view: BulkView, digest: string): Promise<FoundJob<BulkView> & { readonly created: boolean }>;
  /** Needs no worker. */
  view(tenant: string, id: string): Promise<FoundJob<BulkView>>;
  /** How many jobs of the tenant have not ended, about a second behind. */
  count(tenant: string): Promise<number>;
  cancel(id: string, command: Command): Promise<BulkView>;
  /** Asks a worker. */
  results(tenant: string, id: string): Promise<BulkResults>;
}

export function createBulkGateway({ client }: { readonly client: Client }): BulkGateway {
  const jobs = createJobs(client, {
    workflow: 'bulk',
    isView,
    notAView,
    notFound: bulkProblems.notFound,
    ended: ({ status }) => bulkProblems.ended(status),
  });
  const { ask } = jobs;
  return {
    start: async (input, view, digest) => await jobs.start({ view, digest }, startOptions(input, view, digest)),
    view: jobs.view,
    count: async (tenant) => await ask(() => jobs.count(tenant)),
    cancel: async (id, command) => await ask(() => jobs.update(id, bulkMessages.cancel, command), 'verb'),
    results: async (tenant, id) =>
      await ask(() => jobs.query<BulkResults>(tenant, id, bulkMessages.results), 'question'),
  };
}

function startOptions(input: BulkInput, view: BulkView, digest: string) {
  const { id, tenant, deed, targets } = input;
  return {
    workflowId: id,
    taskQueue: taskQueues.workflows,
    args: [input],
    // An id belongs to one job for ever, also after it has ended.
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
    typedSearchAttributes: [{ key: defineSearchAttributeKey(names.tenant.name, 'KEYWORD'), value: tenant }],
    memo: { view, request: { digest } } as unknown as Record<string, Json>,
    staticSummary: `${deed.action} ${targets.length} connections of ${tenant}`,
  } satisfies StartOptions<'bulk'>;
}

const Shape = Type.Object({
  id: Type.String(),
  tenant: Type.String(),
  action: Type.Enum([...bulkActions]),
  status: Type.Enum([...bulkStatuses]),
  targets: Type.Integer(),
  counts: Type.Record(Type.String(), Type.Integer()),
  createdAt: Type.String(),
  updatedAt: Type.String(),
});
/** The workflow or this process wrote it from the type; only what is used here is checked. */
const isView = (value: unknown): value is BulkView => Value.Check(Shape, value);

const notAView = {
  code: 'view_undecodable',
  message: 'What Temporal keeps of this job is not in a form that this version of Mooring reads.',
  remedy: 'Deploy the version that wrote it, or a newer one; if it persists, report it with the id of the job.',
};

const bulkProblems = {
  notFound: () =>
    new ApiProblem({
      status: 404,
      code: 'bulk_not_found',
      message: 'There is no such bulk job.',
      remedy: 'Check the id, and that the API key is of the tenant that created it.',
    }),
  ended: (status: string) =>
    new ApiProblem({
      status: 409,
      code: 'bulk_ended',
      message: `The job is ${status}: there is nothing to cancel.`,
      remedy: 'GET /v1/bulk/{id}/results tells what became of each connection.',
    }),
};
