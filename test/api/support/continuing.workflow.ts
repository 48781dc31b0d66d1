import { condition, continueAsNew, defineUpdate, setHandler, workflowInfo } from '@temporalio/workflow';

/**
 * Takes an update in and is continued before it has served it, as many times as it is told: what a fault, or an operator's
 * reset, does to a connection.
 */
export async function continuing(losses: number): Promise<void> {
  let asked = false;
  setHandler(defineUpdate<string, [object]>('pause'), async () => {
    asked = true;
    if (losses > 0) await condition(() => false);
    return workflowInfo().runId;
  });
  await condition(() => asked);
  if (losses > 0) return await continueAsNew<typeof continuing>(losses - 1);
  await condition(() => false);
}
