import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../../platform/clock.ts';
import type { Logger } from '../../../platform/logger.ts';
import { isExpired, type ApiKey, type ApiKeys } from '../../../stores/api-keys.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../../stores/ephemeral/port.ts';

const LOOK_EVERY_MS = 1_000;
/** How long an open session can outlive its key while the ephemeral store cannot tell that it was revoked. */
const CHECK_EVERY_MS = 30_000;
const BATCH = 100;
/** Every process reads a change within seconds, so that old ones need not be kept. */
const CHANGES = { keep: 1_000, ttlSeconds: 3_600 };

/** What a process holds open for an API key ends with the key. */
export interface KeySessions {
  /** The signal is aborted when the key is revoked, changed or expires. `close()` when the work has ended by itself. */
  open(apiKey: ApiKey): KeySession;
  /** Tells all API processes that a key was revoked or changed; this one before it returns. */
  changed(id: string): Promise<void>;
}

export interface KeySession {
  readonly signal: AbortSignal;
  close(): void;
}

export interface KeySessionsDependencies {
  readonly ephemeral: Pick<EphemeralStore, 'append' | 'readStream'>;
  readonly apiKeys: Pick<ApiKeys, 'read'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called with the id of each key that was revoked or changed. */
  readonly forget: (id: string) => void;
}

/**
 * Changes travel through a stream of the ephemeral store, which each process reads once a second. Where that store does
 * not answer, a key is read again after 30 seconds, as for requests.
 */
export function createKeySessions(deps: KeySessionsDependencies) {
  const { ephemeral, apiKeys, clock, logger, forget } = deps;
  const sessions = new Map<string, Set<{ readonly apiKey: ApiKey; readonly ending: AbortController }>>();
  /** Keys with a session that was opened since the last turn. They may have been revoked between request and session. */
  const unchecked = new Set<string>();
  let afterId: string | null = null;
  let checkedAtMs = clock.now();

  const end = (id: string): void => {
    for (const { ending } of sessions.get(id) ?? []) ending.abort();
  };

  const readChanges = async (): Promise<void> => {
    for (;;) {
      const entries = await ephemeral.readStream(ephemeralKeys.changedApiKeys, afterId, BATCH);
      for (const { id, value } of entries) {
        afterId = id;
        if (typeof value !== 'string') continue;
        forget(value);
        end(value);
      }
      if (entries.length < BATCH) return;
    }
  };

  const endExpired = (): void => {
    for (const open of sessions.values()) {
      for (const { apiKey, ending } of open) if (isExpired(apiKey, clock.now())) ending.abort();
    }
  };

  const check = async (id: string): Promise<void> => {
    const stored = await apiKeys.read(id);
    if (!stored || isExpired(stored.apiKey, clock.now())) end(id);
    unchecked.delete(id);
  };

  const checkOpen = async (): Promise<void> => {
    const isDue = clock.now() - checkedAtMs >= CHECK_EVERY_MS;
    if (isDue) checkedAtMs = clock.now();
    for (const id of isDue ? sessions.keys() : [...unchecked]) await check(id);
  };

  /** One turn: ends what has no valid key any more. A store that does not answer is asked again at the next turn. */
  const look = async (): Promise<void> => {
    endExpired();
    const tolerate = (error: unknown): void => logger.warn({ err: error }, 'Revoked API keys could not be looked up.');
    await readChanges().catch(tolerate);
    await checkOpen().catch(tolerate);
  };

  return {
    look,
    async run(stop: AbortSignal): Promise<void> {
      while (!stop.aborted) {
        await look();
        await delay(LOOK_EVERY_MS, undefined, { signal: stop, ref: false }).catch(() => undefined);
      }
    },
    open(apiKey: ApiKey): KeySession {
      const session = { apiKey, ending: new AbortController() };
      const open = sessions.get(apiKey.id) ?? new Set();
      sessions.set(apiKey.id, open.add(session));
      unchecked.add(apiKey.id);
      return {
        signal: session.ending.signal,
        close() {
          open.delete(session);
          if (open.size > 0 || sessions.get(apiKey.id) !== open) return;
          sessions.delete(apiKey.id);
          unchecked.delete(apiKey.id);
        },
      };
    },
    async changed(id: string): Promise<void> {
      forget(id);
      end(id);
      await ephemeral.append(ephemeralKeys.changedApiKeys, id, CHANGES).catch((error: unknown) => {
        logger.warn(
          { err: error, keyId: id },
          'Other processes notice within 30 seconds that this API key has changed.',
        );
      });
    },
  } satisfies KeySessions & Record<string, unknown>;
}
