import { isGrpcServiceError, type Connection } from '@temporalio/client';
import { listExecutions } from '../../platform/temporal/list-executions.ts';
import { KEY_ID } from '../../platform/temporal/payload-codec.ts';

/** Runs that are looked into at once. */
const AT_ONCE = 16;
const PAGE = 1000;
const RUNNING = 1;
/** grpc/status.proto. */
const codes = { notFound: 5, unimplemented: 12 } as const;

/** Where in Temporal a value may be sealed: the count is of runs, or of schedules. */
export type TemporalPlace = 'memo' | 'input' | 'history' | 'pending' | 'schedules' | 'ended';

export interface TemporalKeys {
  readonly running: number;
  /** Of these, how many were looked into: all but for their memo, where a sample was asked for. */
  readonly looked: number;
  readonly ended: number;
  readonly schedules: number;
  /** How long ended runs are kept. */
  readonly retentionHours: number;
  readonly count: (keyId: string, place: TemporalPlace) => number;
  readonly keyIds: readonly string[];
}

interface Run {
  readonly workflowId: string;
  readonly runId: string;
}

/**
 * Counts, by key id, what is sealed in a namespace: the memo of every run, the whole history and the pending activities
 * of those that run (all of it is opened when a worker replays them), and schedules. `sample` looks into so many of the
 * running ones only.
 */
export async function countInTemporal(
  connection: Connection,
  namespace: string,
  sample = Number.POSITIVE_INFINITY,
): Promise<TemporalKeys> {
  const counts = new Map<string, Map<TemporalPlace, number>>();
  const add = (place: TemporalPlace, ids: ReadonlySet<string>): void => {
    for (const id of ids) {
      const places = counts.get(id) ?? new Map<TemporalPlace, number>();
      counts.set(id, places.set(place, (places.get(place) ?? 0) + 1));
    }
  };

  const running: Run[] = [];
  let ended = 0;
  for await (const page of listExecutions(connection.workflowService, { namespace, pageSize: PAGE })) {
    for (const { execution, status, memo } of page) {
      if (Number(status) === RUNNING) {
        running.push({ workflowId: execution?.workflowId ?? '', runId: execution?.runId ?? '' });
        add('memo', keyIdsIn(memo));
      } else {
        ended += 1;
        add('ended', keyIdsIn(memo));
      }
    }
  }

  const chosen = spread(running, sample);
  await inParallel(chosen, async (run) => {
    const { input, history, pending } = await lookInto(connection, namespace, run);
    add('input', input);
    add('history', history);
    add('pending', pending);
  });

  let schedules = 0;
  for await (const scheduleId of scheduleIds(connection, namespace)) {
    schedules += 1;
    const { schedule, memo } = await connection.workflowService.describeSchedule({ namespace, scheduleId });
    add('schedules', keyIdsIn({ schedule, memo }));
  }

  return {
    running: running.length,
    looked: chosen.length,
    ended,
    schedules,
    retentionHours: await retentionHours(connection, namespace),
    count: (keyId, place) => counts.get(keyId)?.get(place) ?? 0,
    keyIds: [...counts.keys()],
  };
}

async function* scheduleIds({ workflowService }: Connection, namespace: string) {
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await workflowService
      .listSchedules({ namespace, maximumPageSize: PAGE, nextPageToken })
      .catch(unlessCode(codes.unimplemented));
    yield* (page?.schedules ?? []).map(({ scheduleId }) => scheduleId ?? '');
    nextPageToken = page?.nextPageToken ?? new Uint8Array();
  } while (nextPageToken.length > 0);
}

/** Reads one run. A run that has ended meanwhile needs no key any more. */
async function lookInto({ workflowService }: Connection, namespace: string, execution: Run) {
  const keys = { input: new Set<string>(), history: new Set<string>(), pending: new Set<string>() };
  const description = await workflowService
    .describeWorkflowExecution({ namespace, execution })
    .catch(unlessCode(codes.notFound));
  keyIdsIn(description?.pendingActivities, keys.pending);
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await workflowService
      .getWorkflowExecutionHistory({ namespace, execution, maximumPageSize: PAGE, nextPageToken })
      .catch(unlessCode(codes.notFound));
    for (const event of page?.history?.events ?? []) {
      keyIdsIn(event, event.workflowExecutionStartedEventAttributes ? keys.input : keys.history);
    }
    nextPageToken = page?.nextPageToken ?? new Uint8Array();
  } while (nextPageToken.length > 0);
  return keys;
}

async function retentionHours({ workflowService }: Connection, namespace: string): Promise<number> {
  const { config } = await workflowService.describeNamespace({ namespace });
  return Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) / 3600;
}

/** An evenly spread sample. The list is ordered by time, and so is a key rotation. */
function spread<T>(all: readonly T[], wanted: number): readonly T[] {
  if (all.length <= wanted) return all;
  return Array.from({ length: wanted }, (_, index) => all[Math.floor((index * all.length) / wanted)] as T);
}

async function inParallel<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = all.values();
  const lane = async (): Promise<void> => {
    for (const one of left) await work(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

const unlessCode =
  (code: number) =>
  (error: unknown): undefined => {
    if (!isGrpcServiceError(error) || (error.code as number) !== code) throw error;
  };

/**
 * The ids of all keys that payloads anywhere in a message of Temporal's API are sealed with. They stand in clear in
 * each payload's metadata, so that nothing has to be opened.
 */
function keyIdsIn(message: unknown, found = new Set<string>()): ReadonlySet<string> {
  if (typeof message !== 'object' || message === null || ArrayBuffer.isView(message)) return found;
  if ('metadata' in message) {
    const id = (message.metadata as Readonly<Record<string, Uint8Array>> | null)?.[KEY_ID];
    if (id) found.add(Buffer.from(id).toString());
  }
  for (const member of Object.values(message)) keyIdsIn(member, found);
  return found;
}
