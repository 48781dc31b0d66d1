import type { Client } from '@temporalio/client';
import { connectionStatuses, type ConnectionStatus } from '../../contracts/connection.ts';
import { workflowTypes } from '../../contracts/ids.ts';
import { searchAttributes } from '../../contracts/search-attributes.ts';
import { deadlines, within } from './deadlines.ts';
import { isEndedFromOutside, oneOf, quote } from './list-query.ts';

const ofConnections = `WorkflowType=${quote(workflowTypes.connection)}`;
const PAGE = 1_000;
/** Of runs that were ended from outside, and are kept as long as Temporal retains them. Beyond it the count is too low. */
const MOST_ENDED = 10_000;
const IDS_IN_A_QUERY = 200;

/**
 * Connections of all tenants by status, counted by visibility: those that live, and as `stopped` besides those whose
 * workflow was ended from outside and not started again.
 */
export async function countByStatus(client: Client): Promise<ReadonlyMap<ConnectionStatus, number>> {
  const counts = new Map<ConnectionStatus, number>();
  await Promise.all(
    connectionStatuses.map(async (status) => {
      const query = `${ofConnections} AND ExecutionStatus='Running' AND ${searchAttributes.status.name}=${quote(status)}`;
      const { count } = await within(client, deadlines.list, () => client.workflow.count(query));
      counts.set(status, count);
    }),
  );
  counts.set('stopped', (counts.get('stopped') ?? 0) + (await countStopped(client)));
  return counts;
}

/** Each reset, and each restart, leaves a run behind that was ended from outside: ids that have another are left out. */
async function countStopped(client: Client): Promise<number> {
  const ended = [...(await idsOf(client, isEndedFromOutside, MOST_ENDED))];
  let stopped = ended.length;
  for (let from = 0; from < ended.length; from += IDS_IN_A_QUERY) {
    const ids = ended.slice(from, from + IDS_IN_A_QUERY);
    const others = `WorkflowId ${oneOf(ids)} AND ExecutionStatus ${oneOf(['Running', 'Completed'])}`;
    stopped -= (await idsOf(client, others, IDS_IN_A_QUERY)).size;
  }
  return stopped;
}

async function idsOf(client: Client, which: string, most: number): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  let nextPageToken = new Uint8Array();
  do {
    const response = await within(client, deadlines.list, () =>
      client.workflowService.listWorkflowExecutions({
        namespace: client.options.namespace,
        query: `${ofConnections} AND ${which}`,
        pageSize: PAGE,
        nextPageToken,
      }),
    );
    for (const { execution } of response.executions) if (execution?.workflowId) ids.add(execution.workflowId);
    nextPageToken = new Uint8Array(response.nextPageToken);
  } while (nextPageToken.length > 0 && ids.size < most);
  return ids;
}
