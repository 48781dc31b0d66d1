import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError, type DataConverter } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { Worker, type ReplayWorkerOptions } from '@temporalio/worker';
import { connectionStatuses } from '../../contracts/connection.ts';
import { workflowTypes } from '../../contracts/ids.ts';
import { searchAttributes } from '../../contracts/search-attributes.ts';
import { listExecutions } from '../../platform/temporal/list-executions.ts';

/** A kind of runs that a sample is taken of. */
interface Group {
  readonly name: string;
  readonly query: string;
}

export interface ReplayFailure {
  readonly workflowId: string;
  readonly runId: string;
  readonly reason: string;
}

export interface ReplayReport {
  readonly groups: readonly { readonly name: string; readonly replayed: number; readonly failed: number }[];
  readonly failures: readonly ReplayFailure[];
}

interface Run {
  readonly group: string;
  readonly workflowId: string;
  readonly runId: string;
}

type History = temporal.api.history.v1.IHistory;

const PAGE = 1_000;
const types = Object.values(workflowTypes);
const running = `ExecutionStatus = 'Running'`;
const ended = `ExecutionStatus != 'Running'`;
const ofType = (type: string): string => `WorkflowType = '${type}'`;

const groups: readonly Group[] = [
  ...connectionStatuses.map((status) => ({
    name: `${workflowTypes.connection} ${status}`,
    query: `${ofType(workflowTypes.connection)} AND ${searchAttributes.status.name} = '${status}' AND ${running}`,
  })),
  ...types.flatMap((type) => [
    { name: `${type} running`, query: `${ofType(type)} AND ${running}` },
    { name: `${type} ended`, query: `${ofType(type)} AND ${ended}` },
  ]),
  // Of a type that this build has no code for: it stands still after the deployment.
  { name: 'others running', query: [...types.map((type) => `WorkflowType != '${type}'`), running].join(' AND ') },
];

/** Replays the newest `sample` runs of each group. Each run is replayed once, also where two groups have it. */
export async function replaySample(options: {
  readonly client: Client;
  readonly dataConverter: DataConverter;
  readonly code: Pick<ReplayWorkerOptions, 'workflowBundle' | 'workflowsPath'>;
  readonly sample: number;
}): Promise<ReplayReport> {
  const { client, dataConverter, code, sample } = options;
  const counts = new Map<string, { replayed: number; failed: number }>();
  const failures: ReplayFailure[] = [];
  let current: Run | undefined;

  async function* histories(): AsyncGenerator<{ workflowId: string; history: History }> {
    for await (const run of sampledRuns(client, sample)) {
      const history = await historyOf(client, run);
      if (!history || !hasRun(history)) continue;
      current = run;
      yield { workflowId: run.workflowId, history };
    }
  }

  const replayOptions = {
    ...code,
    // Our failure converter seals what went wrong, and here a person wants to read it.
    dataConverter: { payloadCodecs: dataConverter.payloadCodecs ?? [] },
    // Payloads are bound to the namespace. The SDK's types leave it out; its replay takes it all the same.
    namespace: client.options.namespace,
  };
  for await (const { error } of Worker.runReplayHistories(replayOptions, histories())) {
    if (!current) continue;
    const { group, workflowId, runId } = current;
    const count = counts.get(group) ?? { replayed: 0, failed: 0 };
    count.replayed += 1;
    if (error) {
      count.failed += 1;
      failures.push({ workflowId, runId, reason: reasonOf(error) });
    }
    counts.set(group, count);
  }
  return { groups: [...counts].map(([name, count]) => ({ name, ...count })), failures };
}

/** False while it waits for its first worker: there is nothing to replay yet. */
const hasRun = ({ events }: History): boolean =>
  (events ?? []).some(({ workflowTaskCompletedEventAttributes: completed }) => completed);

async function* sampledRuns(client: Client, sample: number): AsyncGenerator<Run> {
  const seen = new Set<string>();
  for (const { name, query } of groups) {
    for (const { workflowId, runId } of await newest(client, query, sample)) {
      if (seen.has(runId)) continue;
      seen.add(runId);
      yield { group: name, workflowId, runId };
    }
  }
}

/**
 * Visibility lists those that run first, then by when they ended: the newest first. A key that is missing is
 * reported for each run, so no memo is opened here.
 */
async function newest(client: Client, query: string, sample: number): Promise<readonly Omit<Run, 'group'>[]> {
  const runs: Omit<Run, 'group'>[] = [];
  const { namespace } = client.options;
  const request = { namespace, query, pageSize: Math.min(sample, PAGE) };
  for await (const page of listExecutions(client.workflowService, request)) {
    for (const { execution } of page) {
      runs.push({ workflowId: execution?.workflowId ?? '', runId: execution?.runId ?? '' });
    }
    if (runs.length >= sample) break;
  }
  return runs.slice(0, sample);
}

/** Undefined for a run that Temporal has forgotten since it was listed. */
async function historyOf({ workflow }: Client, { workflowId, runId }: Run): Promise<History | undefined> {
  try {
    return await workflow.getHandle(workflowId, runId).fetchHistory();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** The SDK's sentence has the cause wrapped in a dump of its own structures. */
function reasonOf(error: Error): string {
  const [, cause] = /message: "((?:[^"\\]|\\.)*)"/.exec(error.message) ?? [];
  return (cause ?? error.message).replaceAll('\\"', '"');
}
