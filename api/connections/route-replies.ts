import { ConnectionSchema } from './schema.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { described } from '../http/schema.ts';

/** Problems that every verb on a connection can meet. */
export const verbProblems = (...more: readonly number[]): Record<number, object> =>
  problemReplies(400, 401, 403, 404, 409, 429, 503, ...more);

/** Replies of a verb: 200 when it has been served, 202 when it was taken in and is still being served. */
export const verbReplies = {
  200: described(ConnectionSchema),
  202: described(ConnectionSchema),
  ...verbProblems(),
} as const;
