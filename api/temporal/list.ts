import type { Client } from '@temporalio/client';
import type { ConnectionView } from '../../contracts/connection.ts';
import { deadlines, within } from './deadlines.ts';
import { executionOf, type Execution } from './execution.ts';
import type { Lookup } from './lookup.ts';
import { readView } from './memo.ts';
import { asEnded, viewFromAttributes, withAttributes, withFacts } from './views.ts';
import { listQuery, type ListFilters } from './visibility.ts';

export interface PageRequest {
  readonly limit: number;
  /** The token that Temporal gave with the previous page. */
  readonly pageToken: Uint8Array | undefined;
}

export interface Page {
  readonly views: readonly ConnectionView[];
  readonly nextPageToken: Uint8Array | undefined;
}

/** Lists from visibility. A page may be short, or empty, and have another behind it. */
export async function listPage(
  deps: { readonly client: Client; readonly lookup: Pick<Lookup, 'describe' | 'publishedFacts'> },
  tenant: string,
  filters: ListFilters,
  { limit, pageToken }: PageRequest,
): Promise<Page> {
  const { client, lookup } = deps;
  const { namespace, loadedDataConverter: dataConverter } = client.options;
  const response = await within(client, deadlines.list, () =>
    client.workflowService.listWorkflowExecutions({
      namespace,
      query: listQuery(tenant, filters),
      pageSize: limit,
      nextPageToken: pageToken ?? new Uint8Array(),
    }),
  );
  const executions = response.executions.map(executionOf).filter(({ attributes }) => attributes.tenant === tenant);
  const replaced = await replacedRuns(lookup, executions);
  const views = await Promise.all(
    executions
      .filter((execution) => !replaced.has(execution.runId))
      .map(async (execution) => await rowOf({ lookup, decoding: { dataConverter, namespace } }, execution)),
  );
  const token = response.nextPageToken;
  return {
    // A connection that had already ended keeps its status when its workflow is ended from outside: filter once more.
    views: views.filter(({ status }) => !filters.status?.length || filters.status.includes(status)),
    nextPageToken: token.length > 0 ? token : undefined,
  };
}

/** The memo as of the last change, the status from the search attributes, and newer facts where they were published. */
export async function rowOf(
  { lookup, decoding }: { lookup: Pick<Lookup, 'publishedFacts'>; decoding: Parameters<typeof readView>[0] },
  execution: Execution,
): Promise<ConnectionView> {
  const read = await readView(decoding, execution);
  if (read.outcome === 'undecodable') return viewFromAttributes(execution, read.problem);
  const view = asEnded(withAttributes(read.view, execution), execution);
  return view.credential ? withFacts(view, await lookup.publishedFacts(view.id)) : view;
}

const DESCRIBED_AT_ONCE = 16;

/**
 * The runs that were ended from outside and have a newer run, because of a reset or a restart. They are left out, so
 * that each connection is one row.
 */
async function replacedRuns(
  lookup: Pick<Lookup, 'describe'>,
  executions: readonly Execution[],
): Promise<ReadonlySet<string>> {
  const stopped = executions.filter(({ state }) => state === 'stopped');
  const replaced = new Set<string>();
  for (let from = 0; from < stopped.length; from += DESCRIBED_AT_ONCE) {
    await Promise.all(
      stopped.slice(from, from + DESCRIBED_AT_ONCE).map(async ({ id, runId }) => {
        const newest = await lookup.describe(id);
        if (newest && newest.execution.runId !== runId) replaced.add(runId);
      }),
    );
  }
  return replaced;
}
