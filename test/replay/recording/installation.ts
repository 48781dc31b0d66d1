import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { createDataConverter } from '../../../platform/temporal/data-converter.ts';
import type { StackPlan } from '../../../scripts/dev/plan.ts';
import { answers } from '../../../scripts/dev/ports.ts';
import type { ProcessPlan } from '../../../scripts/dev/supervise.ts';
import { startTestStack } from '../../chaos/support/test-stack.ts';
import { startWorker, type WorkerProcess } from '../../chaos/support/worker-process.ts';
import { createCustomer, type Customer } from '../../support/customer.ts';
import { eventually } from '../../support/eventually.ts';
import { bundle } from '../../support/bundle.ts';
import { recordingKeyRing, recordingKeys } from '../recording-keys.ts';
import type { History } from '../recordings.ts';
import { refuseWrites, type Refused } from './refused-writes.ts';

type Environment = Readonly<Record<string, string>>;

/** A whole installation whose histories are recorded: real Temporal, API and worker, payloads sealed. */
export interface Installation extends Customer {
  readonly client: Client;
  /** Every run of a workflow, oldest first. */
  runsOf(workflowId: string): Promise<readonly { readonly runId: string; readonly history: History }[]>;
  /** Every workflow of a type. */
  idsOf(workflowType: string): Promise<readonly string[]>;
  /** Temporal's frontend. */
  readonly address: string;
  /** Where the embedded stores are. */
  readonly stateDirectory: string;
  /** Beside those that run. */
  startWorker(environment?: Environment): Promise<void>;
  /** As a deployment does: what is under way is finished first. */
  stopWorkers(): Promise<void>;
  /** SIGKILL. */
  killWorkers(): Promise<void>;
  /** A worker of other workflow code than ours: of a file of this folder. Activities it has none. */
  startForeignWorker(workflows: string): Promise<{ kill(): Promise<void> }>;
  /** Writes of one connection fail, until the function that this answers is called. */
  refuseWrites(id: string, refused: Refused): () => void;
  stop(): Promise<void>;
}

/** `environment` is the first worker's, besides what it is given anyway. */
export async function startInstallation(environment: Environment = {}): Promise<Installation> {
  let started: Promise<WorkerProcess> | undefined;
  let plan: StackPlan | undefined;
  // The worker is this one's to start and to kill; but the API is not ready before one polls.
  const rewire = (planned: StackPlan): StackPlan => {
    plan = planned;
    started = startFirstWorker(workerOf(planned, environment), planned);
    return { ...planned, processes: { ...planned.processes, worker: null } };
  };
  // Resources are listed over HTTP: thirty processes for each connection would be most of the time.
  const settings = { MOORING_KEYS: recordingKeys, OVHCLOUD_PATH: '/nowhere/ovhcloud' };
  const stack = await startTestStack(settings, rewire);
  const { temporal: address } = stack.info();
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, dataConverter: createDataConverter(recordingKeyRing, true) });
  const customer = createCustomer(stack.info());
  const workers = started ? [await started] : [];
  const running: { kill(): Promise<void> }[] = [];

  const installation: Installation = {
    ...customer,
    client,
    address,
    stateDirectory: stack.stateDirectory,
    async runsOf(workflowId) {
      const runs: { runId: string; startTime: Date }[] = [];
      for await (const { runId, startTime } of client.workflow.list({ query: `WorkflowId = "${workflowId}"` })) {
        runs.push({ runId, startTime });
      }
      return await Promise.all(
        runs
          .toSorted((a, b) => a.startTime.getTime() - b.startTime.getTime())
          .map(async ({ runId }) => ({
            runId,
            history: await historyOf(client.workflow.getHandle(workflowId, runId)),
          })),
      );
    },
    async idsOf(type) {
      const ids = new Set<string>();
      for await (const { workflowId } of client.workflow.list({ query: `WorkflowType = "${type}"` }))
        ids.add(workflowId);
      return [...ids];
    },
    async startWorker(more = {}) {
      workers.push(await startWorker(workerOf(plan, more)));
    },
    stopWorkers: async () => void (await Promise.all(workers.splice(0).map(endAsDeployed))),
    killWorkers: async () => void (await Promise.all(workers.splice(0).map(async (each) => await each.kill()))),
    async startForeignWorker(workflows) {
      const path = join(stack.stateDirectory, `${workflows}.bundle.js`);
      const { code } = await bundle(join(import.meta.dirname, workflows));
      await writeFile(path, code);
      const foreign = await spawnForeignWorker(address, path);
      running.push(foreign);
      return foreign;
    },
    refuseWrites: (id, refused) => refuseWrites(stack.stateDirectory, id, refused),
    async stop() {
      await Promise.all(running.map(async (foreign) => await foreign.kill()));
      await installation.killWorkers();
      await connection.close();
      await stack.stop();
    },
  };
  return installation;
}

function workerOf(plan: StackPlan | undefined, more: Environment): ProcessPlan {
  const worker = plan?.processes.worker;
  if (!worker) throw new Error('The plan has a worker.');
  return { ...worker, environment: { ...worker.environment, ...more } };
}

/** What is under way is finished first. */
async function endAsDeployed(worker: WorkerProcess): Promise<void> {
  worker.signal('SIGTERM');
  await eventually('the worker to end', () => !isAlive(worker.pid), 70_000);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** As soon as what it needs is there. */
async function startFirstWorker(worker: ProcessPlan, plan: StackPlan): Promise<WorkerProcess> {
  const ports = [plan.temporalAddress, plan.addresses.sandbox ?? ''].map((address) =>
    Number(address.split(':').at(-1)),
  );
  const isUp = async () => (await Promise.all(ports.map(async (port) => await answers(port)))).every(Boolean);
  await eventually('Temporal and the sandbox to answer', isUp, 60_000);
  return await startWorker(worker);
}

const historyOf = async (handle: WorkflowHandle): Promise<History> => await handle.fetchHistory();

async function spawnForeignWorker(address: string, bundlePath: string): Promise<{ kill(): Promise<void> }> {
  const program = join(import.meta.dirname, 'foreign-worker.ts');
  const flags = ['--experimental-strip-types', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, program, address, bundlePath], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit');
  // Its first words are that it polls.
  await Promise.race([once(child.stdout, 'data'), exited]);
  if (child.exitCode !== null) throw new Error(`The foreign worker ended with exit code ${child.exitCode}.`);
  return {
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
