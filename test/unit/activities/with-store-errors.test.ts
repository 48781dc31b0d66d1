import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import { withStoreErrors } from '../../../activities/failures.ts';
import { EphemeralStoreUnavailable } from '../../../stores/ephemeral/port.ts';
import { SecretStoreConflict, SecretStoreUnavailable } from '../../../stores/secrets/port.ts';

const failureOf = async (error: Error): Promise<unknown> =>
  await new MockActivityEnvironment().run(async () => {
    try {
      return await withStoreErrors(async () => {
        throw error;
      });
    } catch (failure) {
      return failure;
    }
  });

test.each([
  [
    'a secret store that does not answer',
    new SecretStoreUnavailable('Away.', { ambiguous: false }),
    'secret_store_unavailable',
  ],
  ['a record that another process changes', new SecretStoreConflict('Changed.'), 'secret_store_conflict'],
  ['an ephemeral store that does not answer', new EphemeralStoreUnavailable('Away.'), 'ephemeral_store_unavailable'],
])('an activity that met %s is tried again, and says so under a code of its own', async (_what, error, code) => {
  const failure = await failureOf(error);
  expect(failure).toBeInstanceOf(ApplicationFailure);
  expect(failure).toMatchObject({ nonRetryable: false, details: [{ problem: { code } }] });
});

test('a bug is passed on as it is, and is not taken for a store that does not answer', async () => {
  const bug = new TypeError('not a function');
  expect(await failureOf(bug)).toBe(bug);
});
