import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendUpdate } from '../../api/temporal/send-update.ts';
import '../support/quiet-temporal.ts';
import { temporalAddress } from './support/stack.ts';

const address = temporalAddress();
const taskQueue = `lost-update-${randomUUID()}`;

describe.skipIf(address === null)('an update whose run ended before it was served', () => {
  let client: Client;
  const closing: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    const connection = await Connection.connect({ address: address ?? '' });
    const native = await NativeConnection.connect({ address: address ?? '' });
    const workflowsPath = fileURLToPath(new URL('support/continuing.workflow.ts', import.meta.url));
    const worker = await Worker.create({ connection: native, taskQueue, workflowsPath });
    const running = worker.run();
    client = new Client({ connection });
    closing.push(async () => {
      worker.shutdown();
      await running;
      await Promise.all([connection.close(), native.close()]);
    });
  });
  afterAll(async () => {
    for (const close of closing) await close();
  });
  const sent = async (losses: number) => {
    const workflowId = `continuing-${randomUUID()}`;
    const handle = await client.workflow.start('continuing', { workflowId, taskQueue, args: [losses] });
    try {
      const outcome = await sendUpdate(client, workflowId, 'pause', { tenant: 'acme' });
      return { handle, outcome };
    } finally {
      await client.workflow.getHandle(workflowId).terminate();
    }
  };

  it.each([0, 1, 2])('an update is answered by the run that serves it, after %i ended runs', async (losses) => {
    const { handle, outcome } = await sent(losses);
    if (outcome.outcome !== 'served') expect.fail('It was not served.');
    // This workflow answers with the id of its run.
    const runId: unknown = outcome.reply;
    expect(runId === handle.firstExecutionRunId).toBe(losses === 0);
  });

  it('an update that several runs did not serve is refused with the note that it may still be carried out', async () => {
    await expect(sent(9)).rejects.toMatchObject({
      status: 503,
      code: 'verb_not_served',
      message: expect.stringContaining('may still be carried out'),
    });
  });
});
