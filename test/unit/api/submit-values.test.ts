import { describe, expect, test } from 'vitest';
import { ApiProblem } from '../../../api/http/problem.ts';
import { sendSubmission } from '../../../api/sign-in/submission/submit-values.ts';
import { createLogger } from '../../../platform/logger.ts';
import type { ConnectionView } from '../../../contracts/connection.ts';

const ref = { id: 'con_a', tenant: 'acme', provider: 'sky', region: 'sky-1', method: 'keys' };
const refused = (status: number) =>
  new ApiProblem({ status, code: 'no', message: 'It does not take it.', remedy: 'Ask for a new link.' });

/** Sends a submission to a connection that rejects it with `answer`. Returns what was passed to `discardSubmission`. */
async function told(answer: Error, requestId?: string): Promise<readonly object[]> {
  const discarded: object[] = [];
  const connections = {
    update: () => Promise.reject(answer),
    discardSubmission: (input: object) => {
      discarded.push(input);
      return Promise.reject(new Error('Temporal is away too.'));
    },
  };
  const submission = {
    by: { kind: 'key', id: 'k' },
    epoch: 1,
    ref: 'stored',
    deadlineSeconds: null,
    ...(requestId !== undefined && { requestId }),
  } as const;
  const telling = sendSubmission(
    { connections, logger: createLogger('api', 'silent') },
    ref as ConnectionView,
    submission,
  );
  await expect(telling).rejects.toBe(answer);
  return discarded;
}

describe('values that were stored', () => {
  test.each([404, 409, 410])(
    'stored values are destroyed where the connection refuses them (%i), and the refusal is passed on',
    async (status) => {
      expect(await told(refused(status), 'once')).toEqual([{ connection: ref, pendingRef: 'stored' }]);
    },
  );

  test('stored values are kept where the same request may be repeated', async () => {
    expect(await told(refused(503), 'once')).toEqual([]);
  });

  test('stored values are destroyed where no repeated request can refer to them', async () => {
    expect(await told(refused(503))).toHaveLength(1);
  });
});
