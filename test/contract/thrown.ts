import { inspect } from 'node:util';
import { expect } from 'vitest';
import { ProviderError } from '../../providers/provider.ts';

/** Said only where it is true: of what is not final. A clause that begins with "Right after" or "until" says when. */
const PROMISES_RETRY = /(?<!Right after[^.]*)\b(is|are) tried again\b/i;

/** The error of a call that must fail. Whatever it is, its remedy promises another try only where there is one. */
export async function thrown(call: Promise<unknown>): Promise<ProviderError> {
  const error: unknown = await call.then(
    (value) => expect.fail(`expected a ProviderError, got ${inspect(value)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProviderError)) throw error;
  const isFinal = error.class === 'user' || error.class === 'revoked';
  if (isFinal) expect(error.problem.remedy, `${error.problem.code} is final`).not.toMatch(PROMISES_RETRY);
  return error;
}
