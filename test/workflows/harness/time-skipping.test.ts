import { fileURLToPath } from 'node:url';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { createDataConverter } from '../../../platform/temporal/data-converter.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { bundle } from '../../support/bundle.ts';
import { startTimeSkipping } from '../../support/time-skipping.ts';
import { createSleeperActivities } from './sleeper.activities.ts';
import type { sleeper } from './sleeper.workflow.ts';

const dayMs = 24 * 60 * 60 * 1000;

describe.skipIf(inject('components').timeSkipping === null)('the time-skipping environment', () => {
  test(
    'thirty days pass at once, activities see that time, and payloads stay encrypted',
    { timeout: 60_000 },
    async () => {
      const dataConverter = createDataConverter(KeyRing.parse(KeyRing.generate()), true);
      const skipping = await startTimeSkipping({ dataConverter });
      onTestFinished(skipping.close);
      const taskQueue = 'harness';
      const worker = await skipping.createWorker({
        taskQueue,
        workflowBundle: await bundle(fileURLToPath(new URL('./sleeper.workflow.ts', import.meta.url))),
        activities: createSleeperActivities(skipping.clock),
      });
      const { times, history } = await worker.runUntil(async () => {
        const handle = await skipping.environment.client.workflow.start<typeof sleeper>('sleeper', {
          taskQueue,
          workflowId: 'sleeper',
          args: [30],
        });
        return { times: await handle.result(), history: await handle.fetchHistory() };
      });

      const [before, after] = times;
      expect(Date.parse(after) - Date.parse(before)).toBeGreaterThanOrEqual(30 * dayMs);
      expect(JSON.stringify(history)).toContain(Buffer.from('binary/encrypted').toString('base64'));
      expect(JSON.stringify(history)).not.toContain(Buffer.from(JSON.stringify(before)).toString('base64'));
    },
  );
});
