import type { Client } from '@temporalio/client';
import { connectionStatuses, type ConnectionStatus } from '../../workflows/contracts/connection.ts';
import { workflowTypes } from '../../workflows/contracts/ids.ts';
import { searchAttributes } from '../../workflows/contracts/search-attributes.ts';
import { deadlines, within } from './deadlines.ts';
import { quote } from './list-query.ts';

/** Living connections of all tenants by status, counted by visibility. */
export async function countByStatus(client: Client): Promise<ReadonlyMap<ConnectionStatus, number>> {
  const counts = await Promise.all(
    connectionStatuses.map(async (status) => {
      const query = `WorkflowType=${quote(workflowTypes.connection)} AND ExecutionStatus='Running' AND ${searchAttributes.status.name}=${quote(status)}`;
      const { count } = await within(client, deadlines.list, () => client.workflow.count(query));
      return [status, count] as const;
    }),
  );
  return new Map(counts);
}
