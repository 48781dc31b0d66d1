import type { Client } from '@temporalio/client';
import { decodeMapFromPayloads } from '@temporalio/common/lib/internal-non-workflow/codec-helpers.js';
import type { ConnectionView } from '../../workflows/contracts/connection.ts';
import { deadlines, within } from './deadlines.ts';
import { listQuery, type ListFilters } from './list-query.ts';
import type { Lookup } from './lookup.ts';
import { freshest, parseView } from './parse-view.ts';

export interface PageRequest {
  readonly limit: number;
  /** Temporal's own token of the page before. */
  readonly pageToken: Uint8Array | undefined;
}

export interface Page {
  readonly views: readonly ConnectionView[];
  readonly nextPageToken: Uint8Array | undefined;
}

/** Lists from visibility: the memo has the view as of the last change, the ephemeral store a newer one where it can. */
export async function listPage(
  deps: { readonly client: Client; readonly lookup: Lookup },
  tenant: string,
  filters: ListFilters,
  { limit, pageToken }: PageRequest,
): Promise<Page> {
  const { client, lookup } = deps;
  const { namespace, loadedDataConverter } = client.options;
  const response = await within(client, deadlines.list, () =>
    client.workflowService.listWorkflowExecutions({
      namespace,
      query: listQuery(tenant, filters),
      pageSize: limit,
      nextPageToken: pageToken ?? new Uint8Array(),
    }),
  );
  const views = await Promise.all(
    (response.executions ?? []).map(async ({ execution, memo }) => {
      const workflowId = execution?.workflowId ?? '';
      const context = { type: 'workflow', namespace, workflowId } as const;
      const [fields, published] = await Promise.all([
        decodeMapFromPayloads(loadedDataConverter, memo?.fields, context),
        lookup.published(workflowId),
      ]);
      return freshest(parseView(fields?.['view']), published);
    }),
  );
  const token = response.nextPageToken;
  return {
    views: views.filter((view) => view !== undefined).filter((view) => view.tenant === tenant),
    nextPageToken: token && token.length > 0 ? token : undefined,
  };
}
