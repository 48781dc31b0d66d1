import { ServiceError } from '@temporalio/client';
import { expect, test } from 'vitest';
import { retryWhileClosing } from '../../../api/temporal/deadlines.ts';

const RESOURCE_EXHAUSTED = 8;
const exhausted = (details: string): Error =>
  new ServiceError('Workflow Update failed', {
    cause: Object.assign(new Error('grpc'), { code: RESOURCE_EXHAUSTED, details, metadata: {} }),
  });

test('a message that meets a closing run is retried until the next run accepts it', async () => {
  let sent = 0;
  const taken = await retryWhileClosing(async () => {
    sent += 1;
    if (sent < 3) throw exhausted('workflow operation cannot be applied because workflow is closing');
    return 'taken';
  });
  expect({ taken, sent }).toEqual({ taken: 'taken', sent: 3 });
});

test('a rate limit that is really exhausted is reported without a retry', async () => {
  let sent = 0;
  const refused = retryWhileClosing(() => {
    sent += 1;
    throw exhausted('namespace rate limit exceeded');
  });
  await expect(refused).rejects.toThrow(ServiceError);
  expect(sent).toBe(1);
});
