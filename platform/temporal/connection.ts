import type { Config } from '../config.ts';

type TemporalConfig = Config['temporal'];

/** Connection options that `@temporalio/client` and `@temporalio/worker` both take. */
export function connectionOptions(temporal: TemporalConfig): {
  address: string;
  tls: boolean;
  apiKey?: string;
} {
  return {
    address: temporal.address,
    tls: temporal.tls,
    ...(temporal.apiKey ? { apiKey: temporal.apiKey.reveal() } : {}),
  };
}

export interface RetryOptions {
  readonly signal: AbortSignal;
  readonly onWait: (seconds: number, error: unknown) => void;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Retries until `connect` succeeds, because a deployment may start its parts in any order. */
export async function untilConnected<T>(connect: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await connect();
    } catch (error) {
      if (options.signal.aborted) throw error;
      const seconds = Math.min(2 ** attempt * 0.25, 10);
      options.onWait(seconds, error);
      await options.sleep(seconds * 1000, options.signal);
    }
  }
}
