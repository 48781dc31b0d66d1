import type { WorkflowName } from './workflows.ts';

/**
 * Task queues that belong to no provider: workflows with the activities that only use the stores, discovery, and the
 * deliveries of webhooks.
 */
export const taskQueues = {
  workflows: 'mooring',
  discovery: 'mooring-discovery',
  webhooks: 'mooring-webhooks',
} as const;

/**
 * A provider's own queues, so that a cloud that hangs delays no other: `upkeep` for renewals and revocations, `now`
 * for what a person waits for.
 */
export const providerQueues = (provider: string): { readonly upkeep: string; readonly now: string } => ({
  upkeep: `mooring-${provider}`,
  now: `mooring-${provider}-now`,
});

/** A connection's id is also its workflow id: what the API answers can be pasted into the Temporal UI. */
export const connectionIdPattern = '^con_[a-z2-7]{26}$';

/** A batch's id is its workflow id too. */
export const batchIdPattern = '^bat_[a-z2-7]{26}$';

/** A bulk job's id is its workflow id too. */
export const bulkIdPattern = '^blk_[a-z2-7]{26}$';

export const tenantPattern = '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$';

/** The names by which the workflows are started. */
export const workflowTypes = {
  batch: 'batch',
  bulk: 'bulk',
  connection: 'connection',
  discovery: 'discovery',
  discarding: 'discarding',
  sweeping: 'sweeping',
  reconcile: 'reconcile',
  validation: 'validation',
  webhookDelivery: 'webhookDelivery',
  webhookReplay: 'webhookReplay',
} as const satisfies { readonly [N in WorkflowName]: N };

/** Temporal schedules, each with the workflow id that its runs begin with. */
export const scheduleIds = { reconcile: 'mooring-reconcile' } as const;

export const discardingWorkflowId = (connectionId: string, pendingRef: string): string =>
  `${connectionId}/discarding/${pendingRef}`;

export const sweepingWorkflowId = (connectionId: string): string => `${connectionId}/sweeping`;

export const discoveryWorkflowId = (connectionId: string): string => `${connectionId}/discovery`;
