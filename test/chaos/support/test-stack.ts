import { makeStateFolder, removeStateFolder } from './state-folder.ts';
import type { Stack } from '../../../scripts/dev/lifecycle.ts';
import type { StackPlan } from '../../../scripts/dev/plan.ts';
import { anyFreePort } from '../../../scripts/dev/ports.ts';
import { startStack } from '../../../scripts/dev/stack.ts';

export interface TestStack {
  readonly info: Stack['info'];
  readonly stateDirectory: string;
  stop(): Promise<void>;
}

/** The stack of `npm start` on ports of its own, with nothing of this machine's environment but what is given. */
export async function startTestStack(
  environment: Readonly<Record<string, string>>,
  rewire: (plan: StackPlan) => StackPlan,
): Promise<TestStack> {
  const stateDirectory = await makeStateFolder();
  const [api = 0, metrics = 0, sandbox = 0, temporal = 0, ui = 0] = await Promise.all(
    Array.from({ length: 5 }, anyFreePort),
  );
  const stack = await startStack({
    stateDirectory,
    environment: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
    ports: { api, metrics, sandbox, temporal, ui },
    rewire,
  });
  return {
    info: stack.info,
    stateDirectory,
    async stop() {
      await stack.stop();
      await removeStateFolder(stateDirectory);
    },
  };
}
