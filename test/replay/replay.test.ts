import { fileURLToPath } from 'node:url';
import { temporal } from '@temporalio/proto';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import { manifests } from '../../providers/manifests/all.ts';
import { createDataConverter } from '../../platform/temporal/data-converter.ts';
import { connectionStatuses } from '../../contracts/connection.ts';
import { workflowTypes } from '../../contracts/ids.ts';
import type { ConnectionInput } from '../../contracts/messages.ts';
import * as workflows from '../../workflows/index.ts';
import { bundle, workflowBundle } from '../support/bundle.ts';
import { isSealed, opened, payloadsIn, textOf } from './payloads.ts';
import { recordingKeyRing } from './recording-keys.ts';
import { currentVersion, recordedRuns, toKept, type HistoryJson, type RecordedRun } from './recordings.ts';

const { EventType } = temporal.api.enums.v1;
const allRuns = recordedRuns();
const nameOf = ({ version, life, workflowId }: RecordedRun): string => `${version} ${life} ${workflowId}`;

/** The recorded runs that do not replay, each with its error. No server is needed. */
async function replay(
  code: WorkflowBundle,
  recorded: readonly RecordedRun[],
): Promise<readonly { readonly name: string; readonly error: Error }[]> {
  const dataConverter = createDataConverter(recordingKeyRing, true);
  // Payloads are bound to the workflow's id, so the recorded id is used; several runs may have the same one.
  const histories = recorded.map(({ workflowId, history }) => ({ workflowId, history }));
  const failures: { name: string; error: Error }[] = [];
  let replayed = 0;
  for await (const { workflowId, error } of Worker.runReplayHistories(
    { workflowBundle: code, dataConverter },
    histories,
  )) {
    replayed += 1;
    const of = recorded.find((run) => run.workflowId === workflowId);
    if (error) failures.push({ name: of ? nameOf(of) : workflowId, error });
  }
  expect(replayed).toBe(recorded.length);
  return failures;
}

/** The runs of the current version: they have to cover everything that the code does. */
const current = allRuns.filter(({ version }) => version === currentVersion);
const kept = (): readonly HistoryJson[] => current.map(({ history }) => toKept(history));

describe('recorded histories', () => {
  test('recorded histories of every version replay on the current workflows, so that live connections continue', async () => {
    expect(await replay(await workflowBundle(), allRuns)).toEqual([]);
  });

  test('recorded histories detect a careless change of a workflow', async () => {
    const changed = await bundle(fileURLToPath(new URL('./changed.workflow.ts', import.meta.url)));
    const connections = allRuns.filter(({ type }) => type === workflowTypes.connection);
    const caught = (await replay(changed, connections)).filter(
      ({ error }) => error.name === 'DeterminismViolationError',
    );
    expect(caught.map(({ name }) => name)).toEqual(connections.map(nameOf));
  });

  test('there are recorded histories of every workflow that a worker runs', () => {
    expect([...new Set(current.map(({ type }) => type))].toSorted()).toEqual(Object.keys(workflows).toSorted());
  });

  test('there are recorded histories of every method of every provider', async () => {
    const started = current.filter(({ type }) => type === workflowTypes.connection);
    const methods = await Promise.all(
      started.map(async ({ history }) => {
        const [first] = payloadsIn(toKept(history)['events']);
        const { provider, method } = JSON.parse(await opened(first?.[1] ?? expect.fail())) as ConnectionInput;
        return `${provider} ${method}`;
      }),
    );
    const all = manifests.flatMap(({ id, methods: ways }) => ways.map((way) => `${id} ${way.id}`));
    expect(methods).toEqual(expect.arrayContaining(all));
  });

  test('recorded histories pass through every status of a connection, and through failed and killed workers', () => {
    const told = JSON.stringify(kept());
    const seen = (status: string) =>
      told.includes(`"data":"${Buffer.from(JSON.stringify(status)).toString('base64')}"`);
    expect(connectionStatuses.filter((status) => !seen(status))).toEqual([]);
    const events = new Set(
      current.flatMap(({ history }) => (history.events ?? []).map(({ eventType }) => EventType[eventType ?? 0])),
    );
    expect([...events]).toEqual(
      expect.arrayContaining([
        'EVENT_TYPE_WORKFLOW_TASK_FAILED',
        'EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT',
        'EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT',
        'EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED',
        'EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW',
        'EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED',
        'EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED',
      ]),
    );
  });

  test('recorded histories hold no payload in clear text except search attributes, and no path of the machine', async () => {
    for (const run of allRuns) {
      const history = toKept(run.history);
      const clear = payloadsIn(history).filter(([path, payload]) => !isSealed(payload) && !isOpen(path));
      expect(clear, nameOf(run)).toEqual([]);
      expect(await textOf(history), nameOf(run)).not.toMatch(/\/(home|root|work|Users)\//);
    }
  });
});

/** Payloads that Temporal itself reads (search attributes) or writes (why an activity has no result). */
const isOpen = (path: string): boolean =>
  /\/searchAttributes\/|\/activityTaskCanceledEventAttributes\/details\//.test(path);
