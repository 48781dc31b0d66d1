import type { Clock } from '../../../platform/clock.ts';
import type { ApiKey } from '../../../stores/api-keys.ts';

/** A revoked key is refused at the latest after this long. */
const FRESH_MS = 30_000;
const SEEN_MS = 3_600_000;
const KEPT = 10_000;

export interface KnownKeys {
  /** The key, verified within the last 30 seconds. */
  fresh(digest: string): ApiKey | undefined;
  /** True when the key was good within the last hour. */
  seen(digest: string): boolean;
  remember(digest: string, apiKey: ApiKey): void;
  forget(digest: string): void;
}

/** A cache of verified keys by digest, so that not every request reads the secret store. */
export function createKnownKeys(clock: Clock): KnownKeys {
  const entries = new Map<string, { readonly apiKey: ApiKey; readonly verifiedAtMs: number }>();
  const ageMs = (digest: string): number => clock.now() - (entries.get(digest)?.verifiedAtMs ?? -Infinity);
  return {
    fresh(digest) {
      const apiKey = ageMs(digest) < FRESH_MS ? entries.get(digest)?.apiKey : undefined;
      // An expired key is refused at once, although it is still cached.
      const ended = apiKey?.expiresAt != null && Date.parse(apiKey.expiresAt) <= clock.now();
      return ended ? undefined : apiKey;
    },
    seen: (digest) => ageMs(digest) < SEEN_MS,
    remember(digest, apiKey) {
      entries.delete(digest);
      const [oldest] = entries.size >= KEPT ? entries.keys() : [];
      if (oldest !== undefined) entries.delete(oldest);
      entries.set(digest, { apiKey, verifiedAtMs: clock.now() });
    },
    forget: (digest) => void entries.delete(digest),
  };
}
