import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';

/** As long as the body of a request with an Idempotency-Key is remembered. */
const REMEMBERED_SECONDS = 24 * 3600;

/**
 * What was taken in may be refused, destroyed or in use by the time its request is repeated: storing it again would leave
 * values behind that nobody asks for. Best effort: without the store a repeat is a submission like any other, which the
 * connection recognises by its request.
 */
export interface TakenSubmissions {
  has(connection: string, ref: string): Promise<boolean>;
  add(connection: string, ref: string): Promise<void>;
}

export const createTakenSubmissions = (ephemeral: Pick<EphemeralStore, 'get' | 'put'>): TakenSubmissions => ({
  has: async (connection, ref) =>
    await ephemeral.get(ephemeralKeys.submissionTaken(connection, ref)).then(
      (value) => value !== undefined,
      () => false,
    ),
  add: async (connection, ref) =>
    await ephemeral
      .put(ephemeralKeys.submissionTaken(connection, ref), true, REMEMBERED_SECONDS)
      .catch(() => undefined),
});
