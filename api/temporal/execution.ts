import type { Payload } from '@temporalio/common';
import proto, { type temporal } from '@temporalio/proto';
import { connectionStatuses, type ConnectionRef, type ConnectionStatus } from '../../contracts/connection.ts';
import { searchAttributes as names } from '../../contracts/search-attributes.ts';
import { iso } from '../../contracts/time.ts';
import { decodeSearchAttributes, optionalTsToMs } from '../../platform/temporal/sdk-internals.ts';

export type ExecutionInfo = temporal.api.workflow.v1.WorkflowExecutionInfo.$Properties;

// CommonJS, built in a way that hides its names from an ES module's loader.
const { WorkflowExecutionStatus } = proto.temporal.api.enums.v1;

/** A connection's workflow as Temporal itself knows it: nothing in it is encrypted but the memo, which is not read here. */
export interface Execution {
  readonly id: string;
  readonly runId: string;
  /**
   * `stopped` = ended from outside: terminated, cancelled, failed or timed out. A workflow that Mooring ends is
   * completed.
   */
  readonly state: 'running' | 'completed' | 'stopped';
  readonly startedAt: string;
  readonly closedAt: string | null;
  readonly attributes: Attributes;
  readonly memo: Readonly<Record<string, Payload>>;
}

/** The search attributes; undefined where one was never written. */
export interface Attributes {
  readonly tenant: string | undefined;
  readonly provider: string | undefined;
  readonly region: string | undefined;
  readonly method: string | undefined;
  readonly status: ConnectionStatus | undefined;
  readonly statusSince: string | undefined;
  readonly reason: string | undefined;
  readonly tags: readonly string[];
  readonly createdAt: string | undefined;
  readonly actBy: string | undefined;
}

/** The execution statuses, in the list filter's words, of a workflow that was ended from outside. */
export const endedFromOutside = ['Terminated', 'Canceled', 'Failed', 'TimedOut'] as const;

const states: Readonly<Record<number, Execution['state']>> = {
  [WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED]: 'completed',
  [WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TERMINATED]: 'stopped',
  [WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CANCELED]: 'stopped',
  [WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_FAILED]: 'stopped',
  [WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TIMED_OUT]: 'stopped',
};

export function executionOf(info: ExecutionInfo): Execution {
  const { execution, memo, searchAttributes, startTime, closeTime, status } = info;
  return {
    id: execution?.workflowId ?? '',
    runId: execution?.runId ?? '',
    state: states[Number(status)] ?? 'running',
    startedAt: iso(optionalTsToMs(startTime) ?? 0),
    closedAt: isoOf(closeTime),
    attributes: attributesOf(decodeSearchAttributes(searchAttributes?.indexedFields)),
    memo: memo?.fields ?? {},
  };
}

/** What names the connection; '' where an attribute was never written. */
export const refOf = ({ id, attributes }: Pick<Execution, 'id' | 'attributes'>): ConnectionRef => {
  const { tenant = '', provider = '', region = '', method = '' } = attributes;
  return { id, tenant, provider, region, method };
};

function attributesOf(decoded: Readonly<Record<string, readonly unknown[] | undefined>>): Attributes {
  const text = (name: string): string | undefined => {
    const value = decoded[name]?.[0];
    return typeof value === 'string' ? value : undefined;
  };
  const time = (name: string): string | undefined => {
    const value = decoded[name]?.[0];
    return value instanceof Date ? value.toISOString() : undefined;
  };
  const status = text(names.status.name);
  return {
    tenant: text(names.tenant.name),
    provider: text(names.provider.name),
    region: text(names.region.name),
    method: text(names.authMethod.name),
    status: connectionStatuses.find((known) => known === status),
    statusSince: time(names.statusSince.name),
    reason: text(names.reason.name),
    tags: (decoded[names.tags.name] ?? []).filter((tag) => typeof tag === 'string'),
    createdAt: time(names.createdAt.name),
    actBy: time(names.actBy.name),
  };
}

type Timestamp = Parameters<typeof optionalTsToMs>[0];

export function isoOf(timestamp: Timestamp): string | null {
  const milliseconds = optionalTsToMs(timestamp);
  return milliseconds === undefined ? null : iso(milliseconds);
}
