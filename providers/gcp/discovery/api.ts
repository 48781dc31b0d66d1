import type { Static, TSchema } from 'typebox';

import type { Clock } from '../../../platform/clock.ts';
import type { Secret } from '../../../platform/secret.ts';
import { createSlots } from '../../../platform/slots.ts';
import { createBearerJson } from '../../http/bearer-json.ts';
import { CallError } from '../../http/call-error.ts';
import type { Http } from '../../http/http.ts';
import { isRateLimit, refusalOf } from './refusal.ts';

/** Google's APIs for the length of one listing. Throws `CallError`, or the signal's reason. */
export interface GoogleApi {
  /**
   * `quotaProject` = the project that the call is counted for; null = the one of the OAuth client, or of the service
   * account, or for some APIs the one that is listed.
   */
  get<S extends TSchema>(url: URL, schema: S, quotaProject?: string | null): Promise<Static<S>>;
}

export interface GoogleApiDependencies {
  readonly http: Http;
  readonly clock: Clock;
  /** Waits; rejects with the signal's reason when aborted. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

const CALLS_AT_ONCE = 8;
/** Of one listing, all its waits together. What takes longer is for the next attempt. */
const LONGEST_WAIT_SECONDS = 60;

export function createGoogleApi(deps: GoogleApiDependencies, token: Secret<string>, signal: AbortSignal): GoogleApi {
  const { pause } = deps;
  const read = createBearerJson(deps);
  const slots = createSlots(CALLS_AT_ONCE);
  // The limit is one for all calls: while one waits, the others would only be refused too.
  let resting: Promise<void> | undefined;
  let rests = 0;
  let restedSeconds = 0;

  /** False where that would be too long. */
  function rest(askedSeconds: number | null): boolean {
    if (resting !== undefined) return true;
    const seconds = askedSeconds ?? 2 ** rests;
    if (restedSeconds + seconds > LONGEST_WAIT_SECONDS) return false;
    rests += 1;
    restedSeconds += seconds;
    resting = pause(seconds * 1000, signal).finally(() => (resting = undefined));
    return true;
  }

  return {
    async get(url, schema, quotaProject = null) {
      const headers: Record<string, string> = quotaProject === null ? {} : { 'x-goog-user-project': quotaProject };
      for (;;) {
        await resting;
        try {
          return await slots.use(signal, async () => await read(url.href, schema, token, signal, headers));
        } catch (error) {
          signal.throwIfAborted();
          const refusal = refusalOf(error);
          if (refusal === undefined || !isRateLimit(refusal) || !rest(waitAskedFor(error))) throw error;
        }
      }
    },
  };
}

const waitAskedFor = (error: unknown): number | null =>
  error instanceof CallError && error.failure.kind === 'status' ? error.failure.retryAfterSeconds : null;
