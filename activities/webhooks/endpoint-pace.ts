import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import { EphemeralStoreUnavailable, type EphemeralStore } from '../../stores/ephemeral/port.ts';
import type { Clock } from '../../platform/clock.ts';

/** Requests to one endpoint at once, in one worker: the others wait outside, and delay no other endpoint. */
const AT_ONCE = 5;
const HELD_SECONDS = 30;
const LONGEST_HOLD_SECONDS = 300;
/** Too many requests, and what a gateway answers whose server does not keep up (Standard Webhooks 1.0.0, Retries). */
const WANTS_FEWER: ReadonlySet<number> = new Set([429, 502, 504]);

/** Keeps an endpoint from more requests than it takes. */
export interface EndpointPace {
  /** Seconds for which it wants none; 0 = it takes them. Never rejects. */
  heldFor(endpoint: string): Promise<number>;
  /** Begins a request; answers what ends it, or undefined where the endpoint has enough of them. */
  begin(endpoint: string): (() => void) | undefined;
  /** Takes note of what it answered. Never rejects. */
  answered(endpoint: string, status: number, retryAfterSeconds: number | null): Promise<void>;
}

export function createEndpointPace(deps: {
  readonly ephemeral: Pick<EphemeralStore, 'get' | 'put'>;
  readonly clock: Clock;
}): EndpointPace {
  const { ephemeral, clock } = deps;
  const underWay = new Map<string, number>();

  return {
    async heldFor(endpoint) {
      const until = await orNothing(ephemeral.get(ephemeralKeys.webhookHeld(endpoint)));
      return typeof until === 'number' ? Math.max(Math.ceil((until - clock.now()) / 1000), 0) : 0;
    },

    begin(endpoint) {
      const before = underWay.get(endpoint) ?? 0;
      if (before >= AT_ONCE) return undefined;
      underWay.set(endpoint, before + 1);
      return () => {
        const left = (underWay.get(endpoint) ?? 1) - 1;
        if (left > 0) underWay.set(endpoint, left);
        else underWay.delete(endpoint);
      };
    },

    async answered(endpoint, status, retryAfterSeconds) {
      if (!WANTS_FEWER.has(status)) return;
      const seconds = Math.min(retryAfterSeconds ?? HELD_SECONDS, LONGEST_HOLD_SECONDS);
      const until = clock.now() + seconds * 1000;
      await orNothing(ephemeral.put(ephemeralKeys.webhookHeld(endpoint), until, seconds));
    },
  };
}

/** Without the ephemeral store an endpoint is not slowed down. */
async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    return undefined;
  }
}
