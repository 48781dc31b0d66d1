import { fileURLToPath } from 'node:url';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import { bundle, workflowBundle } from '../support/bundle.ts';
import { lives } from './lives.ts';
import { fromRecorded, payloadsOf, recorded } from './recorded.ts';

/** The errors of replaying every recorded run, undefined where there is none. No server is needed. */
async function replay(code: WorkflowBundle): Promise<readonly (Error | undefined)[]> {
  const histories = Object.keys(lives).flatMap((name) =>
    recorded(name).map((run, index) => ({ workflowId: `${name}/${index + 1}`, history: fromRecorded(run) })),
  );
  const errors: (Error | undefined)[] = [];
  for await (const { error } of Worker.runReplayHistories({ workflowBundle: code }, histories)) errors.push(error);
  return errors;
}

describe('recorded histories', () => {
  test('replay on the workflows as they are now: connections that live today go on after a deployment', async () => {
    const errors = await replay(await workflowBundle());
    expect(errors.length).toBeGreaterThan(Object.keys(lives).length);
    expect(errors.filter(Boolean)).toEqual([]);
  });

  test('catch a workflow that was changed carelessly', async () => {
    const changed = await bundle(fileURLToPath(new URL('./changed.workflow.ts', import.meta.url)));
    const caught = (await replay(changed)).filter((error) => error?.name === 'DeterminismViolationError');
    expect(caught.length).toBeGreaterThanOrEqual(Object.keys(lives).length);
  });

  test.each(Object.keys(lives))('of %s hold no token, and nothing of the machine that recorded them', (name) => {
    const told = payloadsOf(recorded(name));
    expect(told).not.toMatch(/ovh-(at|rt)-[\w-]{20,}/);
    expect(told).not.toMatch(/\/(home|root|work|Users)\//);
  });
});
