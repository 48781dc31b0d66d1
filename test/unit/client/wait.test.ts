import { expect, test } from 'vitest';
import type { Connection, ConnectionStatus } from '../../../cli/client/index.ts';
import { waitForStatus } from '../../../cli/client/wait.ts';

/** Reads these statuses one after the other; each wait moves the clock. */
function connectionThatBecomes(...statuses: readonly ConnectionStatus[]) {
  let now = 0;
  let reads = 0;
  const read = (id: string): Promise<Connection> => {
    const status = statuses[Math.min(reads, statuses.length - 1)];
    reads += 1;
    return Promise.resolve({ id, status, problem: null, updatedAt: String(reads) } as unknown as Connection);
  };
  const sleep = (milliseconds: number): Promise<void> => {
    now += milliseconds;
    return Promise.resolve();
  };
  return { read, sleep, now: () => now };
}

test('waiting ends with the wanted status, and tells the way there', async () => {
  const seen: string[] = [];
  const dependencies = connectionThatBecomes('awaiting_customer', 'verifying', 'active');

  const connection = await waitForStatus(dependencies, 'con_1', ['active'], {
    onChange: ({ status }) => seen.push(status),
  });

  expect(connection.status).toBe('active');
  expect(seen).toEqual(['awaiting_customer', 'verifying', 'active']);
});

test.each(['disconnected', 'expired', 'action_required', 'stopped'] as const)(
  'waiting for active ends at once when the connection is %s',
  async (status) => {
    const waiting = waitForStatus(connectionThatBecomes('verifying', status), 'con_1', ['active']);
    await expect(waiting).rejects.toMatchObject({ code: 'ended_otherwise' });
  },
);

test('waiting ends after the time', async () => {
  const dependencies = connectionThatBecomes('verifying');

  const waiting = waitForStatus(dependencies, 'con_1', ['active'], { timeoutSeconds: 30 });

  await expect(waiting).rejects.toMatchObject({ code: 'waited_in_vain' });
  expect(dependencies.now()).toBe(30_000);
});
