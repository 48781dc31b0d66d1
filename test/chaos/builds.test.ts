import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { createDataConverter } from '../../platform/temporal/data-converter.ts';
import { components } from '../../scripts/components/index.mjs';
import { startInstallation, type Installation } from '../replay/recording/installation.ts';
import { recordingKeyRing } from '../replay/recording-keys.ts';
import { workflowBundle } from '../support/bundle.ts';

const script = join(import.meta.dirname, '../../deploy/temporal/set-current-version.sh');
const build = (id: string) => ({ WORKER_DEPLOYMENT: 'mooring', WORKER_BUILD_ID: id });
const RENEWED_WITHIN_MS = 60_000;

describe.skipIf(inject('components').temporal === null)('versions of a worker deployment', { timeout: 240_000 }, () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await startInstallation();
    return async () => await installation.stop();
  }, 120_000);

  /** What an operator runs after a deployment. */
  async function makeCurrent(id: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
    const environment = {
      ...build(id),
      ...more,
      HOME: process.env['HOME'],
      PATH: `${dirname((await components.temporal.find()) ?? '')}:${process.env['PATH'] ?? ''}`,
      TEMPORAL_ADDRESS: installation.address,
      TEMPORAL_NAMESPACE: 'default',
    };
    return (await promisify(execFile)(script, { env: environment })).stdout;
  }

  const generationOf = async (id: string) => (await installation.platform.get(id)).credential?.generation ?? 0;
  /** Waits until upkeep has renewed the connection once more. */
  async function isRenewed(id: string): Promise<void> {
    const before = await generationOf(id);
    const fits = ({ credential }: { credential: { generation: number } | null }) =>
      (credential?.generation ?? 0) > before;
    await installation.platform.until(id, fits, RENEWED_WITHIN_MS);
  }
  const buildOf = async (id: string): Promise<string | undefined> => {
    const { raw } = await installation.client.workflow.getHandle(id).describe();
    return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? undefined;
  };

  test('upkeep continues across version changes, spends no token twice, and every history replays', async () => {
    const { cloud, platform } = installation;
    await cloud.change({ ovh: { accessTokenLifetimeSeconds: 10 } });
    const { id } = await installation.connect();
    await isRenewed(id);

    // From workers without versions to the first version, forward to the next, and back.
    for (const next of ['1.0.0', '1.1.0', '1.0.0']) {
      await installation.stopWorkers();
      await installation.startWorker(build(next));
      expect(await makeCurrent(next)).toBe(`Version ${next} of mooring is current.\n`);
      await isRenewed(id);
      await isRenewed(id);
      await platform.call('PATCH', `/v1/connections/${id}`, { name: `under ${next}` });
      expect(await buildOf(id)).toBe(next);
      expect((await installation.connect()).status).toBe('active');
    }
    const { refreshTokensSpent, refreshTokensSpentTwice } = await cloud.counters();
    expect(refreshTokensSpent).toBeGreaterThanOrEqual(5);
    expect(refreshTokensSpentTwice).toBe(0);

    const dataConverter = createDataConverter(recordingKeyRing, 'required');
    const options = { workflowBundle: await workflowBundle(), dataConverter };
    const histories = installation.client.workflow.list().intoHistories();
    for await (const { workflowId, error } of Worker.runReplayHistories(options, histories)) {
      expect({ workflowId, error }).toEqual({ workflowId, error: undefined });
    }
  });

  test('a version without workers is not made current, and connections still work', async () => {
    const sentence = 'Version 9.9.9 of mooring could not be made current: do its workers run?';
    await expect(makeCurrent('9.9.9', { ATTEMPTS: '1' })).rejects.toThrow(sentence);
    expect((await installation.connect()).status).toBe('active');
  });

  test('connections continue after a change back to workers without versions', async () => {
    const { id } = await installation.connect();
    await installation.stopWorkers();
    await installation.startWorker();
    const args = [
      'worker',
      'deployment',
      'set-current-version',
      '--deployment-name',
      'mooring',
      '--unversioned',
      '--yes',
    ];
    const temporal = (await components.temporal.find()) ?? '';
    await promisify(execFile)(temporal, [...args, '--address', installation.address], { env: process.env });
    await isRenewed(id);
    expect((await installation.connect()).status).toBe('active');
  });
});
