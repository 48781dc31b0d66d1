import type { Client } from '@temporalio/client';
import { discoveryWorkflowId } from '../../contracts/ids.ts';
import { eachAtOnce } from './wait.ts';

/** What Temporal's own API says about the product's workflows. */
export interface TemporalView {
  /** Living connections that visibility shows as active; of one provider, or of all. */
  activeConnections(provider?: string): Promise<number>;
  runningDiscoveries(): Promise<number>;
  /** True once a discovery of the connection has ended. */
  isDiscovered(id: string): Promise<boolean>;
  /** Events of each workflow's current run. */
  historyLengths(ids: readonly string[]): Promise<ReadonlyMap<string, History>>;
}

export interface History {
  readonly runId: string;
  readonly events: number;
}

const AT_ONCE = 8;

export function createTemporalView(client: Client): TemporalView {
  const count = async (query: string): Promise<number> => (await client.workflow.count(query)).count;
  const running = async (query: string): Promise<number> => await count(`ExecutionStatus='Running' AND ${query}`);
  return {
    activeConnections: async (provider) =>
      await running(`MooringStatus='active'${provider === undefined ? '' : ` AND MooringProvider='${provider}'`}`),
    runningDiscoveries: async () => await running("WorkflowType='discovery'"),
    isDiscovered: async (id) =>
      (await count(`WorkflowId='${discoveryWorkflowId(id)}' AND ExecutionStatus!='Running'`)) > 0,
    async historyLengths(ids) {
      const found = new Map<string, History>();
      await eachAtOnce(ids, AT_ONCE, async (id) => {
        // As it came: the product's memo is sealed, and nothing here has its keys.
        const { workflowExecutionInfo } = await client.workflowService.describeWorkflowExecution({
          namespace: client.options.namespace,
          execution: { workflowId: id },
        });
        const { execution, historyLength } = workflowExecutionInfo ?? {};
        found.set(id, { runId: execution?.runId ?? '', events: Number(historyLength ?? 0) });
      });
      return found;
    },
  };
}
