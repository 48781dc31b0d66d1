import { beforeAll, describe, expect, test } from 'vitest';
import * as workflows from '../../workflows/index.ts';
import { createKept } from './recording/kept.ts';
import { startInstallation, type Installation } from './recording/installation.ts';
import type { Life, Lives } from './recording/life.ts';
import { days } from './recording/lives/days.ts';
import { deaths } from './recording/lives/deaths.ts';
import { deliveries } from './recording/lives/deliveries.ts';
import { otherWorkflows } from './recording/lives/other-workflows.ts';
import { phases } from './recording/lives/phases.ts';
import { sealed } from './recording/lives/sealed.ts';
import { stopped } from './recording/lives/stopped.ts';
import { upkeep } from './recording/lives/upkeep.ts';
import { ways } from './recording/lives/ways.ts';
import { webhookReplays } from './recording/lives/webhook-replays.ts';

/** So short that upkeep renews the credential while a life is recorded. */
const short = { accessTokenLifetimeSeconds: 10 };

const sideBySide: Lives = {
  ...ways,
  ...phases,
  ...sealed,
  ...stopped,
  ...otherWorkflows,
  ...deliveries,
  ...webhookReplays,
};

/**
 * Records the histories of every workflow again: a part of `npm run record-histories`. No file is written before
 * everything has been recorded.
 */
describe('recorded', () => {
  const kept = createKept();
  let installation: Installation;

  beforeAll(async () => {
    installation = await startInstallation();
    return async () => await installation.stop();
  });

  const record = async (name: string, life: Life): Promise<number> =>
    await kept.keep(name, installation, await life(installation));
  const recordAll = (lives: Lives): void =>
    test.concurrent.for(Object.entries(lives))('the life "%s" is recorded', async ([name, life]) =>
      expect(await record(name, life)).toBeGreaterThan(0),
    );

  describe('side by side:', () => {
    test.concurrent('the life "days" is recorded with six runs', async () =>
      expect(await kept.keepRuns('days', await days())).toBe(6),
    );
    recordAll(sideBySide);
  });

  describe('where access tokens live for seconds:', () => {
    beforeAll(async () => {
      const live = async (settings: typeof short) =>
        await installation.cloud.change({ ovh: settings, azure: settings, gcp: settings });
      await live(short);
      return async () => await live({ accessTokenLifetimeSeconds: 3_600 });
    });
    recordAll(upkeep);
  });

  test('the life "deaths" is recorded with four runs', async () => expect(await record('deaths', deaths)).toBe(4));

  test('every life and every workflow type is recorded, and the histories are written', async () => {
    const all = [...Object.keys({ ...sideBySide, ...upkeep }), 'days', 'deaths'];
    expect(kept.lives().toSorted()).toEqual(all.toSorted());
    expect(kept.types()).toEqual(expect.arrayContaining(Object.keys(workflows)));
    await kept.write();
  });
});
