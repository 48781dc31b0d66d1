import type { Client } from '@temporalio/client';
import { connectionStatuses, type ConnectionRef, type ConnectionStatus } from '../../contracts/connection.ts';
import { workflowTypes } from '../../contracts/ids.ts';
import { searchAttributes as names } from '../../contracts/search-attributes.ts';
import { listExecutions } from '../../platform/temporal/list-executions.ts';
import { ApiProblem } from '../http/problem.ts';
import { deadlines, within } from './deadlines.ts';
import { endedFromOutside, executionOf, refOf } from './execution.ts';

const PAGE = 1_000;
/**
 * The most runs ended from outside that are counted; they remain until Temporal's retention removes them. With more,
 * the count is too low.
 */
const MOST_ENDED = 10_000;
const IDS_IN_A_QUERY = 200;
/** A request across all connections reads them one by one, so it is refused for a tenant with more than this. */
const MOST_LISTED = 10_000;

/** Filters of a list. A connection must match all given filters; a filter with several values matches any of them. */
export interface ListFilters {
  readonly status?: readonly string[] | undefined;
  readonly provider?: string | undefined;
  readonly region?: string | undefined;
  readonly method?: string | undefined;
  readonly reason?: string | undefined;
  readonly tag?: string | undefined;
  /** Keyed digest of the account's id. */
  readonly account?: string | undefined;
  /** Keyed digests of words that all stand in the name. */
  readonly words?: readonly string[] | undefined;
  /** A connection that any of these finds. */
  readonly anyOf?:
    | {
        /** How its id begins. */
        readonly id: string | null;
        readonly account: string;
        readonly words: readonly string[];
      }
    | undefined;
  /** ISO 8601; each bound is part of its range. */
  readonly times?: Times | undefined;
}

export interface Times {
  readonly statusSinceAfter?: string | undefined;
  readonly statusSinceBefore?: string | undefined;
  readonly createdAfter?: string | undefined;
  readonly createdBefore?: string | undefined;
  readonly actBefore?: string | undefined;
}

/**
 * The visibility query for a tenant's connections. Every run is a row, so runs that were continued as a new one are
 * left out.
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
    ...equals(names.account.name, filters.account),
    ...(filters.words ?? []).map((word) => `${names.name.name}=${quote(word)}`),
    ...(filters.anyOf ? [foundBy(filters.anyOf)] : []),
    ...inTimes(filters.times ?? {}),
  ].join(' AND ');
}

function foundBy({ id, account, words }: NonNullable<ListFilters['anyOf']>): string {
  const ways = [
    ...(id === null ? [] : [`WorkflowId STARTS_WITH ${quote(id)}`]),
    `${names.account.name}=${quote(account)}`,
    ...(words.length === 0 ? [] : [`(${words.map((word) => `${names.name.name}=${quote(word)}`).join(' AND ')})`]),
  ];
  return `(${ways.join(' OR ')})`;
}

function inTimes(times: Times): string[] {
  const { statusSince, createdAt, actBy } = names;
  const bounds = [
    [statusSince.name, '>=', times.statusSinceAfter],
    [statusSince.name, '<=', times.statusSinceBefore],
    [createdAt.name, '>=', times.createdAfter],
    [createdAt.name, '<=', times.createdBefore],
    [actBy.name, '<=', times.actBefore],
  ] as const;
  return bounds.flatMap(([name, compares, at]) =>
    at === undefined ? [] : [`${name} ${compares} ${quote(new Date(at).toISOString())}`],
  );
}

/** A workflow that was ended from outside could not write its new status, so its connection counts as `stopped`. */
function ofStatus(status: readonly string[]): string {
  const hasStatus = `${names.status.name} ${oneOf(status)}`;
  return status.includes('stopped')
    ? `(${hasStatus} OR ${isEndedFromOutside})`
    : `${hasStatus} AND ExecutionStatus NOT ${oneOf(endedFromOutside)}`;
}

const oneOf = (values: readonly string[]): string => `IN (${values.map(quote).join(',')})`;

export const ofConnections = `WorkflowType=${quote(workflowTypes.connection)}`;

const isEndedFromOutside = `ExecutionStatus ${oneOf(endedFromOutside)}`;

/**
 * Quotes a value for a visibility query. Escaping differs between visibility stores, so quotes and backslashes are
 * refused. The route schemas refuse them too; this second check protects one tenant from another.
 */
export function quote(value: string): string {
  if (!/^[^'"`\\\p{Cc}]*$/u.test(value))
    throw new RangeError('A filter value has a quote, backslash or control character.');
  return `'${value}'`;
}

/**
 * What names each of a tenant's living connections, from visibility, in order of their ids, so that a reader can
 * continue after any of them.
 */
export async function listRefs(client: Client, tenant: string, filters: ListFilters): Promise<ConnectionRef[]> {
  const refs = new Map<string, ConnectionRef>();
  for await (const page of runsOf(client, `${listQuery(tenant, filters)} AND ExecutionStatus='Running'`)) {
    for (const ref of page.map((info) => refOf(executionOf(info)))) if (ref.id !== '') refs.set(ref.id, ref);
    if (refs.size > MOST_LISTED) throw tooManyConnections();
  }
  return [...refs.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** How many connections of a tenant run, whatever their status. */
export async function countLiving(client: Client, tenant: string): Promise<number> {
  const query = `${listQuery(tenant, {})} AND ExecutionStatus='Running'`;
  return (await within(client, deadlines.list, () => client.workflow.count(query))).count;
}

const tooManyConnections = (): ApiProblem =>
  new ApiProblem({
    status: 422,
    code: 'too_many_connections',
    message: `The tenant has more than ${MOST_LISTED} connections; they are not read in one go.`,
    remedy: 'Ask for fewer: by a filter, or of each connection by itself.',
  });

/**
 * Counts the connections of all tenants by status, from visibility. A workflow that was ended from outside counts as
 * `stopped` until it is started again.
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
  counts.set('stopped', (counts.get('stopped') ?? 0) + (await countStopped(client, ofConnections)));
  return counts;
}

/**
 * How many connections of a query were ended from outside and have not been started again. A reset or a restart leaves a
 * run behind that was ended from outside, so ids that have another run are not counted.
 */
export async function countStopped(client: Client, query: string): Promise<number> {
  const ended = [...(await idsOf(client, `${query} AND ${isEndedFromOutside}`, MOST_ENDED))];
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
  for await (const page of runsOf(client, query)) {
    for (const { execution } of page) if (execution?.workflowId) ids.add(execution.workflowId);
    if (ids.size > most) break;
  }
  return ids;
}

/** The runs that a query finds, page by page. */
export function runsOf(client: Client, query: string) {
  const request = { namespace: client.options.namespace, query, pageSize: PAGE };
  const inTime = async <T>(call: () => Promise<T>): Promise<T> => await within(client, deadlines.list, call);
  return listExecutions(client.workflowService, request, inTime);
}
