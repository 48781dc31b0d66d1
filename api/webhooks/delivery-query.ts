import { workflowTypes } from '../../contracts/ids.ts';
import { searchAttributes as names } from '../../contracts/search-attributes.ts';
import { deliveryWorkflowId, type DeliveryStatus } from '../../contracts/webhooks.ts';
import { endedFromOutside } from '../temporal/execution.ts';
import { quote } from '../temporal/visibility.ts';

export interface DeliveryFilters {
  readonly status?: DeliveryStatus;
  /** ISO 8601: of runs that were started since then. */
  readonly startedSince?: string;
}

const isStopped = `ExecutionStatus IN (${endedFromOutside.map(quote).join(',')})`;

/** The visibility query for the deliveries to an endpoint. Every run is a row. */
export function deliveryQuery(tenant: string, endpoint: string, { status, startedSince }: DeliveryFilters): string {
  return [
    `WorkflowType=${quote(workflowTypes.webhookDelivery)}`,
    `WorkflowId STARTS_WITH ${quote(deliveryWorkflowId(endpoint, ''))}`,
    `${names.tenant.name}=${quote(tenant)}`,
    `ExecutionStatus!='ContinuedAsNew'`,
    ...(status === undefined ? [] : [ofStatus(status)]),
    ...(startedSince === undefined ? [] : [`StartTime>=${quote(startedSince)}`]),
  ].join(' AND ');
}

/** A delivery whose workflow was ended from outside could not write its status: it has failed. */
function ofStatus(status: DeliveryStatus): string {
  const hasStatus = `${names.status.name}=${quote(status)}`;
  if (status === 'pending') return `${hasStatus} AND ExecutionStatus='Running'`;
  return status === 'failed' ? `(${hasStatus} OR (${names.status.name}='pending' AND ${isStopped}))` : hasStatus;
}
