import type { Client } from '@temporalio/client';
import { ApiProblem } from '../http/problem.ts';
import { deadlines, within } from './deadlines.ts';
import { listQuery } from './list-query.ts';

const PAGE = 1_000;
/** What is asked across connections reads them one by one: beyond this it is no question for one request. */
const MOST = 10_000;

/** The ids of a tenant's living connections, from visibility, in order of the id: a place that a reader can go on from. */
export async function listIds(client: Client, tenant: string): Promise<string[]> {
  const query = `${listQuery(tenant, {})} AND ExecutionStatus='Running'`;
  const ids = new Set<string>();
  let nextPageToken = new Uint8Array();
  do {
    const response = await within(client, deadlines.list, () =>
      client.workflowService.listWorkflowExecutions({
        namespace: client.options.namespace,
        query,
        pageSize: PAGE,
        nextPageToken,
      }),
    );
    for (const { execution } of response.executions) if (execution?.workflowId) ids.add(execution.workflowId);
    if (ids.size > MOST) throw tooManyConnections();
    nextPageToken = new Uint8Array(response.nextPageToken);
  } while (nextPageToken.length > 0);
  return [...ids].sort();
}

const tooManyConnections = (): ApiProblem =>
  new ApiProblem({
    status: 422,
    code: 'too_many_connections',
    message: `The tenant has more than ${MOST} connections; they are not read in one go.`,
    remedy: 'List the connections, and ask for the resources of each: GET /v1/connections/{id}/resources.',
  });
