import { workflowTypes } from '../../contracts/ids.ts';
import { searchAttributes as names } from '../../contracts/search-attributes.ts';
import { endedFromOutside } from './execution.ts';

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
    `WorkflowType=${quote(workflowTypes.connection)}`,
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

export const oneOf = (values: readonly string[]): string => `IN (${values.map(quote).join(',')})`;

export const isEndedFromOutside = `ExecutionStatus ${oneOf(endedFromOutside)}`;

/**
 * The filter language has string literals as SQL has them, and more than one dialect of escaping behind it. Routes
 * let no quote or backslash through; this is the second lock on the door between tenants.
 */
export function quote(value: string): string {
  if (!/^[^'"`\\\p{Cc}]*$/u.test(value))
    throw new RangeError('A filter value has a quote, backslash or control character.');
  return `'${value}'`;
}
