import { temporal } from '@temporalio/proto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { DataConverter } from '@temporalio/common';
import { Worker, type ActivityInboundCallsInterceptor, type WorkerOptions } from '@temporalio/worker';
import { inject } from 'vitest';
import './quiet-temporal.ts';
import type { Clock } from '../../platform/clock.ts';
import { searchAttributes } from '../../contracts/search-attributes.ts';

/** The environment's time, as it was when the running activity began: absolute times of the machine lie in its past. */
export interface SkippedClock extends Clock {
  /** Reads the environment's time; done before every activity. */
  sync(): Promise<void>;
}

export interface TimeSkipping {
  readonly environment: TestWorkflowEnvironment;
  /** Give it to activities, stores and the sandbox. */
  readonly clock: SkippedClock;
  /** What clients of this server are given, where payloads are sealed. */
  readonly converter: { readonly dataConverter?: DataConverter };
  /** A worker on this server: `connection`, converter and clock are filled in. */
  readonly createWorker: (
    options: Omit<WorkerOptions, 'connection' | 'namespace' | 'dataConverter'>,
  ) => Promise<Worker>;
  readonly close: () => Promise<void>;
}

/**
 * A time-skipping server for one test file (skipping is global to a server), with Mooring's search attributes.
 * It has no lists, schedules or visibility. Call it only where `inject('components').timeSkipping` is not null.
 */
export async function startTimeSkipping(options: { dataConverter?: DataConverter } = {}): Promise<TimeSkipping> {
  const component = inject('components').timeSkipping;
  if (!component) throw new Error('The time-skipping test server is not on this machine: skip the suite.');
  const converter = options.dataConverter ? { dataConverter: options.dataConverter } : {};
  const environment = await startServer(component.path, converter);
  await registerSearchAttributes(environment);
  const clock = await createSkippedClock(environment);
  const syncFirst: ActivityInboundCallsInterceptor = {
    async execute(input, next) {
      await clock.sync();
      return await next(input);
    },
  };
  return {
    environment,
    clock,
    converter,
    createWorker: async (worker) =>
      await Worker.create({
        ...worker,
        ...converter,
        connection: environment.nativeConnection,
        interceptors: {
          ...worker.interceptors,
          activity: [() => ({ inbound: syncFirst }), ...(worker.interceptors?.activity ?? [])],
        },
      }),
    close: async () => await environment.teardown(),
  };
}

/** The SDK gives a server five seconds to come up, which a JVM on a busy machine may miss. */
async function startServer(
  path: string,
  client: { dataConverter?: DataConverter },
  tries = 5,
): Promise<TestWorkflowEnvironment> {
  const server = { executable: { type: 'existing-path', path } } as const;
  try {
    return await TestWorkflowEnvironment.createTimeSkipping({ server, client });
  } catch (error) {
    if (tries === 1 || !String(error).includes('did not start within')) throw error;
    return await startServer(path, client, tries - 1);
  }
}

async function createSkippedClock(environment: TestWorkflowEnvironment): Promise<SkippedClock> {
  let milliseconds = await environment.currentTimeMs();
  return {
    now: () => milliseconds,
    async sync() {
      milliseconds = await environment.currentTimeMs();
    },
  };
}

async function registerSearchAttributes(environment: TestWorkflowEnvironment): Promise<void> {
  const { IndexedValueType } = temporal.api.enums.v1;
  const types = {
    Keyword: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    KeywordList: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
    Datetime: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
  };
  await environment.connection.operatorService.addSearchAttributes({
    namespace: environment.namespace ?? 'default',
    searchAttributes: Object.fromEntries(
      Object.values(searchAttributes).map((attribute) => [attribute.name, types[attribute.type]]),
    ),
  });
}
