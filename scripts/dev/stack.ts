import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { findTemporal } from '../components/temporal.mjs';
import { choosePorts, type Ports } from './ports.ts';
import { firstApiKeys } from './first-api-keys.ts';
import { createStack, type Stack } from './lifecycle.ts';
import { planStack, type StackPlan } from './plan.ts';
import { manifests } from '../../providers/manifests/all.ts';
import { buildStandInPrograms } from './stand-ins.ts';
import { StackError, openStateDirectory } from './state-directory.ts';

const root = join(import.meta.dirname, '../..');

export interface DevelopmentOptions {
  /** Made if missing. A second stack in it takes over what the first one kept. */
  readonly stateDirectory: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Where to start looking; the API's is taken as it is. */
  readonly ports?: Partial<Ports>;
  readonly say?: (line: string) => void;
  /** Called with the plan before anything starts. */
  readonly planned?: (plan: StackPlan) => void;
  /** For tests that put a proxy between the parts: the plan that this returns is started instead. */
  readonly rewire?: (plan: StackPlan) => StackPlan;
}

/** Mooring with the services that the environment names, and stand-ins for the others. Nothing runs before `start`. */
export function createDevelopmentStack(options: DevelopmentOptions): Stack {
  const { environment = process.env, ports, say = () => {}, planned = () => {}, rewire = (plan) => plan } = options;
  const directory = openStateDirectory(resolve(options.stateDirectory));
  return createStack({
    directory,
    say,
    async plan() {
      const plan = rewire(
        planStack({
          root,
          environment,
          directory,
          ports: await choosePorts(environment, ports),
          temporalProgram: environment['TEMPORAL_ADDRESS'] ? null : await temporalProgram(),
          standInPrograms: await buildStandInPrograms(manifests, environment),
          startId: randomUUID(),
        }),
      );
      planned(plan);
      return plan;
    },
    apiKeys: async (plan) => await firstApiKeys(plan, directory, say),
  });
}

/** The same, up and ready; for tests and scripts. Nothing is left running where it throws. */
export async function startStack(options: DevelopmentOptions): Promise<Stack> {
  const stack = createDevelopmentStack(options);
  try {
    await stack.start();
    return stack;
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

async function temporalProgram(): Promise<string> {
  const found = await findTemporal();
  if (found) return found;
  throw new StackError('The Temporal CLI is not installed: npm start gets it, or set TEMPORAL_ADDRESS to a Temporal.');
}
