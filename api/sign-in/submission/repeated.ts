import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import { EphemeralStoreUnavailable, type EphemeralStore } from '../../../stores/ephemeral/port.ts';
import { ApiProblem } from '../../http/problem.ts';

/** Longer than storing can take: a request that has not stored its values by then has died. */
const BEGINNING_SECONDS = 15;
/** The same time as for the body of a request with an Idempotency-Key. */
const REMEMBERED_SECONDS = 24 * 3600;

const Progress = Type.Object({ step: Type.Enum(['begun', 'stored', 'taken']), ref: Type.String() });
type Progress = Static<typeof Progress>;

/** How far an earlier request with the same Idempotency-Key has come. */
export interface SubmissionProgress {
  /** `stored`: the values are stored, and the connection's workflow must be sent the update. `taken`: all is done. */
  readonly step: 'new' | 'stored' | 'taken';
  readonly ref: string;
}

/**
 * Values can be written under a reference in `pending/` only once: the API has no right to overwrite them, and a second
 * reference would leave orphans. So a repeated request continues where the first one stopped. Best effort: without the
 * ephemeral store each request stores its values again, and the workflow recognises the repeat by its request id.
 */
export interface RepeatedSubmissions {
  /** Throws `request_in_progress` while the first one is being stored. */
  begin(connection: string, requestId: string, freshRef: string): Promise<SubmissionProgress>;
  reached(connection: string, requestId: string, progress: Progress): Promise<void>;
  /** The request failed: a repeat starts again. */
  forget(connection: string, requestId: string): Promise<void>;
}

export function createRepeatedSubmissions(ephemeral: EphemeralStore): RepeatedSubmissions {
  return {
    async begin(connection, requestId, freshRef) {
      const key = ephemeralKeys.submission(connection, requestId);
      const fresh = { step: 'new', ref: freshRef } as const;
      const begun: Progress = { step: 'begun', ref: freshRef };
      try {
        if (await ephemeral.putIfAbsent(key, begun, BEGINNING_SECONDS)) return fresh;
        const before = await ephemeral.get(key);
        if (!Value.Check(Progress, before)) return fresh;
        const { step, ref } = before;
        if (step === 'begun') throw inProgress();
        return { step, ref };
      } catch (error) {
        if (error instanceof EphemeralStoreUnavailable) return fresh;
        throw error;
      }
    },
    async reached(connection, requestId, progress) {
      const key = ephemeralKeys.submission(connection, requestId);
      await ephemeral.put(key, progress, REMEMBERED_SECONDS).catch(ifUnavailable);
    },
    async forget(connection, requestId) {
      await ephemeral.delete(ephemeralKeys.submission(connection, requestId)).catch(ifUnavailable);
    },
  };
}

function ifUnavailable(error: unknown): void {
  if (!(error instanceof EphemeralStoreUnavailable)) throw error;
}

const inProgress = (): ApiProblem =>
  new ApiProblem({
    status: 409,
    code: 'request_in_progress',
    message: 'A request with this Idempotency-Key is being served at this moment.',
    remedy: 'Repeat it in a few seconds, with the same key, to get its answer.',
    details: { retryAfterSeconds: 5 },
  });
