import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { DiscoveryStarter } from '../activities/dependencies.ts';
import type { DiscoveryInput } from '../contracts/discovery.ts';
import { discoveryWorkflowId, taskQueues } from '../contracts/ids.ts';
import { searchAttributes as names } from '../contracts/search-attributes.ts';
import { signalConnection, startWorkflow, type StartOptions } from '../platform/temporal/typed-client.ts';

/** Short, because it is called during a refresh, which has deadlines of its own. */
const DEADLINE_MS = 2_000;

/** Starts discoveries as separate workflows. The id is fixed for each connection, so that only one runs at a time. */
export function createDiscoveryStarter(client: Client, deadlineMs = DEADLINE_MS): DiscoveryStarter {
  return {
    async start(input) {
      try {
        await client.withDeadline(
          Date.now() + deadlineMs,
          async () => await startWorkflow(client, 'discovery', startOptions(input)),
        );
        return 'started';
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return 'running';
        throw error;
      }
    },
    async tell(connectionId, done) {
      try {
        await client.withDeadline(
          Date.now() + deadlineMs,
          async () => await signalConnection(client, connectionId, 'discoveryDone', done),
        );
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },
  };
}

function startOptions(input: DiscoveryInput) {
  const { connection, trigger, since } = input;
  const { id, tenant, provider, region } = connection;
  return {
    workflowId: discoveryWorkflowId(id),
    taskQueue: taskQueues.workflows,
    args: [input],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
    typedSearchAttributes: [
      { key: defineSearchAttributeKey(names.tenant.name, 'KEYWORD'), value: tenant },
      { key: defineSearchAttributeKey(names.provider.name, 'KEYWORD'), value: provider },
    ],
    memo: { trigger, since },
    staticSummary: `Discovery of ${provider} (${region}) for ${tenant}, ${trigger}`,
  } satisfies StartOptions<'discovery'>;
}
