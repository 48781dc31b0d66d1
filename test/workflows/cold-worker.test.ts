import { Worker } from '@temporalio/worker';
import { describe, expect, inject, test } from 'vitest';
import { messages } from '../../contracts/messages.ts';
import { workflowBundle } from '../support/bundle.ts';
import { useDevServer, type TestServer } from '../support/dev-server.ts';
import { eventually } from '../support/eventually.ts';
import type { Connection } from './support/connection.ts';
import { eventNames, scheduled } from './support/history.ts';
import { useWorld } from './support/world.ts';

/** A server whose workers keep no workflow: each task opens the whole history, as after the death of a worker. */
async function withoutCache(): Promise<TestServer> {
  const server = await useDevServer();
  return { ...server, createWorker: (options) => server.createWorker({ ...options, maxCachedWorkflows: 0 }) };
}

/** The activity has ended, and its result started nothing. */
async function isTakenIn({ handle }: Connection, type: string): Promise<boolean> {
  const history = await handle.fetchHistory();
  const { raw } = await handle.describe();
  const isPending = raw.pendingActivities?.some(({ activityType }) => activityType?.name === type);
  return (
    scheduled([history]).includes(type) &&
    !isPending &&
    eventNames(history).at(-1) === 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED'
  );
}

async function replay({ handle, id }: Connection): Promise<void> {
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, await handle.fetchHistory(), id);
}

describe.skipIf(inject('components').temporal === null)('a worker that did not run the task before', () => {
  const world = useWorld(withoutCache);

  test('a worker without a cache does the same as a replay where a message follows results that started nothing', async () => {
    const connection = await world.connect();
    world.secrets.down = true;
    await connection.send('annotate', { name: 'Renamed' });
    await connection.handle.signal(messages.oauthCallback, 'garbage');
    await eventually('the refusal to be published', () => isTakenIn(connection, 'publishNews'));
    world.secrets.down = false;
    await eventually('the name to be kept', () => isTakenIn(connection, 'writeAbout'));
    // The SDK joins the two empty tasks with this one's, and gives the worker the message before the result.
    await connection.reauthorize();
    await eventually('the link to be published', () => isTakenIn(connection, 'publishNews'));
    await replay(connection);
    expect(scheduled(await connection.histories()).filter((name) => name === 'writeAbout')).toHaveLength(1);
  });
});
