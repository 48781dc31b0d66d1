import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundle } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { ConnectionActivities, KeepFreshInput } from '../../contracts/activities.ts';
import { startTimeSkipping } from '../support/time-skipping.ts';
import { createBuilds, type Build, type Builds } from './support/builds.ts';
import { comeToRest } from './support/connection.ts';
import { eventNames } from './support/history.ts';
import { upkeepOf } from './support/pending.ts';
import { createWorld, type World } from './support/world.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** The present build. */
const today: Build = (options) => options;

/** A future build: it gives `keepFresh` a second version of its input, and accepts both. */
const nextBuild =
  (workflowBundle: WorkflowBundle): Build =>
  (options) => {
    const { keepFresh } = options.activities as Pick<ConnectionActivities, 'keepFresh'>;
    const takesBoth = (input: Omit<KeepFreshInput, 'v'>) => keepFresh({ ...input, v: 1 });
    const activities = { ...options.activities, keepFresh: takesBoth };
    return options.workflowBundle ? { ...options, activities, workflowBundle } : { ...options, activities };
  };

const withoutServer = inject('components').timeSkipping === null;
/** The test server may hand a task to a worker that has just ended, and gives it to another one only 10 s later. */
const limits = { timeout: 120_000 };

describe.skipIf(withoutServer)('builds that take turns on one pending keepFresh', limits, () => {
  let builds: Builds;
  let next: Build;
  let world: World;
  beforeAll(async () => {
    next = nextBuild(
      await bundleWorkflowCode({
        workflowsPath: path('../../workflows/index.ts'),
        workflowInterceptorModules: [path('./support/next-build.interceptors.ts')],
        failureConverterPath: path('../../platform/temporal/failure-converter.ts'),
        logger: new DefaultLogger('WARN'),
      }),
    );
    world = await createWorld(async () => {
      builds = createBuilds({ ...(await startTimeSkipping()), namespace: 'default' }, next);
      return builds.server;
    });
  });
  afterAll(async () => await world.close());

  test('an older build asks again every minute and spends no token, and a newer build goes on where it left off', async () => {
    const connection = await world.connect();
    await comeToRest(connection.handle);
    const before = await connection.handle.fetchHistory();

    await builds.switchTo(today);
    await world.pass({ minutes: 50 });
    const { attempt, sentence } = await upkeepOf(world, connection);
    expect(sentence).toBe('This worker does not know this kind of upkeep; a newer one takes it up.');
    const renewals = async () => (await world.cloud.counters()).requests['token.refresh'] ?? 0;
    expect(await renewals()).toBe(0);
    await world.pass({ minutes: 1, seconds: 1 });
    expect((await upkeepOf(world, connection)).attempt).toBe(attempt + 1);

    await builds.switchTo(next);
    await world.pass({ minutes: 1, seconds: 1 });
    expect(await upkeepOf(world, connection)).toMatchObject({ report: { generation: 2 } });
    expect(await renewals()).toBe(1);
    // All of this happened between attempts, without a workflow task.
    expect(eventNames(await connection.handle.fetchHistory())).toEqual(eventNames(before));
    await connection.handle.terminate();
  });

  test('a newer and an older build take turns on one pending keepFresh, and each renewal is made once', async () => {
    await world.cloud.reset();
    await builds.switchTo(today);
    const connection = await world.connect();
    for (const [build, generation] of [
      [next, 2],
      [today, 3],
      [next, 4],
    ] as const) {
      await builds.switchTo(build);
      await world.pass({ minutes: 49 });
      expect(await upkeepOf(world, connection)).toMatchObject({ report: { generation } });
    }
    const { refreshTokensSpent, refreshTokensSpentTwice } = await world.cloud.counters();
    expect({ refreshTokensSpent, refreshTokensSpentTwice }).toEqual({
      refreshTokensSpent: 3,
      refreshTokensSpentTwice: 0,
    });
    await connection.handle.terminate();
  });
});
