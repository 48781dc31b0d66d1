import type { Client } from '@temporalio/client';
import { connectionStatuses, type ConnectionStatus } from '../../contracts/connection.ts';
import { workflowTypes } from '../../contracts/ids.ts';
import { searchAttributes as names } from '../../contracts/search-attributes.ts';
import { ApiProblem } from '../http/problem.ts';
import { deadlines, within } from './deadlines.ts';
import { endedFromOutside } from './execution.ts';

const PAGE = 1_000;
/** Of runs that were ended from outside, and are kept as long as Temporal retains them. Beyond it the count is too low. */
const MOST_ENDED = 10_000;
const IDS_IN_A_QUERY = 200;
/** What is asked across connections reads them one by one: beyond this it is no question for one request. */
const MOST_LISTED = 10_000;

/** What a list can be narrowed by. A connection must match every filter that is given, and any value of it. */
export interface ListFilters {
  readonly status?: readonly string[];
  readonly provider?: string;
  readonly region?: string;
  readonly method?: string;
  readonly reason?: string;
  readonly tag?: string;
}

/**
 * Temporal's list filter for a tenant's connections. Each continued run is a row of its own, so all but the newest
 * are left out.
 */
export function listQuery(tenant: string, filters: ListFilters): string {
  const equals = (name: string, value: string | undefined): string[] =>
    value === undefined ? [] : [`${name}=${quote(value)}`];
  const { status } = filters;
  return [
    ofConnections,
    `${names.tenant.name}=${quote(tenant)}`,
    `ExecutionStatus!='ContinuedAsNew'`,
    ...(status && status.length > 0 ? [ofStatus(status)] : []),
    ...equals(names.provider.name, filters.provider),
    ...equals(names.region.name, filters.region),
    ...equals(names.authMethod.name, filters.method),
    ...equals(names.reason.name, filters.reason),
    ...equals(names.tags.name, filters.tag),
  ].join(' AND ');
}

/** A workflow that was ended from outside could write no status any more: its connection is `stopped`. */
function ofStatus(status: readonly string[]): string {
  const told = `${names.status.name} ${oneOf(status)}`;
  return status.includes('stopped')
    ? `(${told} OR ${isEndedFromOutside})`
    : `${told} AND ExecutionStatus NOT ${oneOf(endedFromOutside)}`;
}

const oneOf = (values: readonly string[]): string => `IN (${values.map(quote).join(',')})`;

const ofConnections = `WorkflowType=${quote(workflowTypes.connection)}`;

const isEndedFromOutside = `ExecutionStatus ${oneOf(endedFromOutside)}`;

/**
 * The filter language has string literals as SQL has them, and more than one dialect of escaping behind it. Routes
 * let no quote or backslash through; this is the second lock on the door between tenants.
 */
export function quote(value: string): string {
  if (!/^[^'"`\\\p{Cc}]*$/u.test(value))
    throw new RangeError('A filter value has a quote, backslash or control character.');
  return `'${value}'`;
}

/** The ids of a tenant's living connections, from visibility, in order of the id: a place that a reader can go on from. */
export async function listIds(client: Client, tenant: string): Promise<string[]> {
  const ids = await idsOf(client, `${listQuery(tenant, {})} AND ExecutionStatus='Running'`, MOST_LISTED);
  if (ids.size > MOST_LISTED) throw tooManyConnections();
  return [...ids].sort();
}

const tooManyConnections = (): ApiProblem =>
  new ApiProblem({
    status: 422,
    code: 'too_many_connections',
    message: `The tenant has more than ${MOST_LISTED} connections; they are not read in one go.`,
    remedy: 'List the connections, and ask for the resources of each: GET /v1/connections/{id}/resources.',
  });

/**
 * Connections of all tenants by status, counted by visibility: those that live, and as `stopped` besides those whose
 * workflow was ended from outside and not started again.
 */
export async function countByStatus(client: Client): Promise<ReadonlyMap<ConnectionStatus, number>> {
  const counts = new Map<ConnectionStatus, number>();
  await Promise.all(
    connectionStatuses.map(async (status) => {
      const query = `${ofConnections} AND ExecutionStatus='Running' AND ${names.status.name}=${quote(status)}`;
      const { count } = await within(client, deadlines.list, () => client.workflow.count(query));
      counts.set(status, count);
    }),
  );
  counts.set('stopped', (counts.get('stopped') ?? 0) + (await countStopped(client)));
  return counts;
}

/** Each reset, and each restart, leaves a run behind that was ended from outside: ids that have another are left out. */
async function countStopped(client: Client): Promise<number> {
  const ended = [...(await idsOf(client, `${ofConnections} AND ${isEndedFromOutside}`, MOST_ENDED))];
  let stopped = ended.length;
  for (let from = 0; from < ended.length; from += IDS_IN_A_QUERY) {
    const ids = ended.slice(from, from + IDS_IN_A_QUERY);
    const others = `${ofConnections} AND WorkflowId ${oneOf(ids)} AND ExecutionStatus ${oneOf(['Running', 'Completed'])}`;
    stopped -= (await idsOf(client, others, IDS_IN_A_QUERY)).size;
  }
  return stopped;
}

/** The workflow ids that a query finds; the reading ends once there are more than `most`. */
async function idsOf(client: Client, query: string, most: number): Promise<ReadonlySet<string>> {
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
    nextPageToken = new Uint8Array(response.nextPageToken);
  } while (nextPageToken.length > 0 && ids.size <= most);
  return ids;
}
