import { randomUUID } from 'node:crypto';
import { EMPTY_ACCOUNT } from '../support/accounts.ts';
import { spaces, type Stack } from '../support/stack.ts';
import { eachAtOnce } from '../support/wait.ts';
import { approve, bareCloud } from './cloud.ts';
import { bareQueue, bareWorkflows, callbackSignal } from './contract.ts';

/** Onboards so many through bare workflows, so many at once. Answers the milliseconds from the signal to the end of each. */
export async function onboardBare(stack: Stack, count: number, atOnce: number): Promise<number[]> {
  const client = stack.client(spaces.baseline);
  const { clientId } = bareCloud(stack.cloudVariables);
  const authorizeUrl = stack.cloudVariables['OVH_EU_AUTHORIZE_URL'] ?? '';
  const durations: number[] = [];
  await eachAtOnce(Array.from({ length: count }), atOnce, async () => {
    const id = `bare-${randomUUID()}`;
    const handle = await client.workflow.start(bareWorkflows.onboarding, {
      workflowId: id,
      taskQueue: bareQueue,
      args: [id],
    });
    const code = await approve(stack.cloud, authorizeUrl, clientId, EMPTY_ACCOUNT);
    const signalledAt = performance.now();
    await handle.signal(callbackSignal, code);
    await handle.result();
    durations.push(performance.now() - signalledAt);
  });
  return durations;
}
