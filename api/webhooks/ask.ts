import { KeyRingError } from '../../platform/key-ring.ts';
import type { ApiProblem } from '../http/problem.ts';
import { fromTemporal, isWorkflowGone } from '../temporal/errors.ts';
import { viewUnopened } from '../temporal/memo.ts';

/** Every call to Temporal ends in an answer or in a problem that a caller understands. */
export const createAsk =
  (notFound: () => ApiProblem) =>
  async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      if (isWorkflowGone(error)) throw notFound();
      throw error instanceof KeyRingError ? viewUnopened(error) : fromTemporal(error, 'temporal');
    }
  };
