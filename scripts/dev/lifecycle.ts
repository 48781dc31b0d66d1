import { setTimeout as delay } from 'node:timers/promises';
import { START_ID_HEADER } from '../../api/http/plugins/start-id.ts';
import { openChildLog } from './child-log.ts';
import {
  removeDevInfo,
  writeDevInfo,
  type DevInfo,
  lockStateDirectory,
  StackError,
  type StateDirectory,
} from './state-directory.ts';
import { endLeftovers, recordProcesses } from './leftovers.ts';
import { processNames, type ProcessName, type StackPlan } from './plan.ts';
import { answers } from './ports.ts';
import { supervise, type Supervised } from './supervise.ts';

/** The worker's own grace is 60 s. */
const DRAIN_WITHIN_MS = 65_000;
const STOP_WITHIN_MS = 10_000;
const TEMPORAL_WITHIN_MS = 60_000;
const READY_WITHIN_MS = 120_000;

export interface Stack {
  /** Resolves when the API is ready. Throws {@link StackError}; what has started by then is still to be stopped. */
  readonly start: () => Promise<void>;
  /** What dev.json says now; only once started. */
  readonly info: () => DevInfo;
  /** API and worker finish what they are doing, then the rest ends. Also during the start. */
  readonly stop: () => Promise<void>;
  /** Everything ends at once. */
  readonly stopNow: () => Promise<void>;
  /** For tests that break things; a restart follows, as after any death. */
  readonly kill: (name: ProcessName, signal?: NodeJS.Signals) => void;
  /** Aborted, with the reason, when the stack can't go on: a process whose configuration is wrong. */
  readonly failed: AbortSignal;
}

export interface LifecycleOptions {
  readonly directory: StateDirectory;
  /** Called under the directory's lock, once nothing of an earlier stack runs any more. */
  readonly plan: () => Promise<StackPlan>;
  readonly say: (line: string) => void;
  /** Called when the API serves. */
  readonly apiKeys: (plan: StackPlan) => Promise<Pick<DevInfo, 'apiKey' | 'operatorKey'>>;
}

/** Four processes that are started in order, kept alive, and stopped in order. */
export function createStack({ directory, plan: makePlan, say, apiKeys }: LifecycleOptions): Stack {
  const failure = new AbortController();
  const ending = new AbortController();
  const ended = AbortSignal.any([failure.signal, ending.signal]);
  const patience = {
    signal: ended,
    remind: (wrong: string) => say(`Still waiting: ${wrong}. The logs are in ${directory.file('logs')}.`),
  };
  const parts = new Map<ProcessName, Supervised>();
  const closers: (() => void)[] = [];
  let info: DevInfo | undefined;

  const pids = (): DevInfo['pids'] =>
    Object.fromEntries(processNames.map((name) => [name, parts.get(name)?.pid() ?? null])) as DevInfo['pids'];
  const publish = (): void => {
    recordProcesses(directory, pids());
    if (!info) return;
    info = { ...info, pids: pids() };
    writeDevInfo(directory, info);
  };
  const prepare = (plan: StackPlan): void => {
    for (const name of processNames) {
      const planned = plan.processes[name];
      if (!planned) continue;
      const log = openChildLog(directory.file(`logs/${name}.log`), (line) => say(`${name}: ${line}`));
      const misconfigured = (_: string, sentences: string): void => failure.abort(new StackError(sentences));
      parts.set(name, supervise(planned, log, { started: publish, say, misconfigured }));
      closers.push(log.close);
    }
  };
  const end = async (names: readonly ProcessName[], withinMs: number): Promise<void> => {
    ending.abort(new StackError('Stopped before it was up.'));
    await Promise.all(names.map(async (name) => await parts.get(name)?.stop(withinMs)));
  };
  // They run in process groups of their own, and would survive a supervisor that crashes.
  const killWithUs = (): void => {
    for (const part of parts.values()) part.kill('SIGKILL');
  };
  const close = (): void => {
    process.off('exit', killWithUs);
    if (parts.size > 0) recordProcesses(directory, pids());
    for (const closer of closers.splice(0)) closer();
  };

  return {
    async start() {
      closers.push(() => removeDevInfo(directory), lockStateDirectory(directory));
      removeDevInfo(directory);
      await endLeftovers(directory, say);
      const plan = await makePlan();
      ended.throwIfAborted();
      prepare(plan);
      process.once('exit', killWithUs);
      try {
        parts.get('temporal')?.start();
        parts.get('sandbox')?.start();
        await until('Temporal did not start', async () => await temporalProblem(plan), {
          withinMs: TEMPORAL_WITHIN_MS,
          ...patience,
        });
        parts.get('worker')?.start();
        parts.get('api')?.start();
        // Without a worker the API is never ready, because a task queue has no poller.
        const asked = plan.processes.worker ? 'readyz' : 'healthz';
        await until('The API did not become ready', async () => await apiProblem(plan, asked), {
          withinMs: READY_WITHIN_MS,
          ...patience,
        });
        const keys = await apiKeys(plan);
        info = { ...plan.addresses, ...keys, temporal: plan.temporalAddress, pids: pids() };
        publish();
      } catch (error) {
        throw ended.aborted ? ended.reason : error;
      }
    },
    info() {
      if (!info) throw new StackError('The stack has not started.');
      return info;
    },
    async stop() {
      await end(['worker', 'api'], DRAIN_WITHIN_MS);
      await end(['sandbox', 'temporal'], STOP_WITHIN_MS);
      close();
    },
    async stopNow() {
      await end(processNames, 0);
      close();
    },
    kill: (name, signal = 'SIGKILL') => parts.get(name)?.kill(signal),
    failed: failure.signal,
  };
}

/** Worker and API would wait for Temporal by themselves, but would log errors meanwhile. */
async function temporalProblem({ processes, temporalAddress }: StackPlan): Promise<string | null> {
  if (!processes.temporal || (await answers(Number(temporalAddress.split(':').at(-1))))) return null;
  return `nothing answers at ${temporalAddress}`;
}

const REMIND_EVERY_MS = 15_000;

interface Patience {
  readonly withinMs: number;
  readonly signal: AbortSignal;
  /** Called now and then with the current problem, to explain a long wait. */
  readonly remind: (wrong: string) => void;
}

/** Repeats the call until it answers null; any other answer is the current problem. Throws after the timeout. */
async function until(what: string, stillWrong: () => Promise<string | null>, patience: Patience): Promise<void> {
  const { withinMs, signal, remind } = patience;
  const startedAt = Date.now();
  let remindedAt = startedAt;
  for (;;) {
    signal.throwIfAborted();
    const wrong = await stillWrong();
    if (wrong === null) return;
    const now = Date.now();
    if (now - startedAt > withinMs) throw new StackError(`${what} within ${withinMs / 1000} s: ${wrong}.`);
    if (now - remindedAt > REMIND_EVERY_MS) {
      remindedAt = now;
      remind(wrong);
    }
    await delay(100, undefined, { signal });
  }
}

/**
 * Null once our API answers 2xx. Throws {@link StackError} where another program answers in its place: it has taken the
 * port since that was found free, and would be sent what is meant for the API.
 */
async function apiProblem({ addresses, startId }: StackPlan, path: string): Promise<string | null> {
  const url = `${addresses.api}/${path}`;
  let answer: Response;
  try {
    answer = await fetch(url, { signal: AbortSignal.timeout(2_000), redirect: 'manual' });
  } catch (error) {
    return `${url} does not answer (${error instanceof Error ? error.message : String(error)})`;
  }
  if (answer.headers.get(START_ID_HEADER) !== startId) {
    throw new StackError(
      `Another program answers at ${addresses.api} in place of Mooring's API: stop it, or choose another port for the ` +
        'API, e.g. PORT=5080 npm start.',
    );
  }
  return answer.ok ? null : `${url} answers ${answer.status}: ${(await answer.text()).slice(0, 500)}`;
}
