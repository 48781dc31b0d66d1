/** Temporal task queues. Discovery has its own, so that it never delays a refresh. */
export const taskQueues = {
  workflows: 'mooring',
  upkeep: 'mooring-upkeep',
  discovery: 'mooring-discovery',
} as const;

/** A connection's id is also its workflow id: what the API answers can be pasted into the Temporal UI. */
export const connectionIdPattern = '^con_[a-z2-7]{26}$';

export const tenantPattern = '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$';

export const workflowTypes = { connection: 'connection', discovery: 'discovery', discarding: 'discarding' } as const;

export const discardingWorkflowId = (connectionId: string, pendingRef: string): string =>
  `${connectionId}/discarding/${pendingRef}`;

export const discoveryWorkflowId = (connectionId: string): string => `${connectionId}/discovery`;
