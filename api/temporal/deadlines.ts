import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { isRunClosing } from './errors.ts';

/** How long each kind of call to Temporal may take, in milliseconds. None is without a deadline. */
export const deadlines = {
  start: 5_000,
  /** A query hangs where no worker runs. */
  query: 2_000,
  describe: 2_000,
  signal: 5_000,
  list: 5_000,
  /** Until the workflow has accepted the update, which makes it durable. */
  accept: 5_000,
  /**
   * Until the update is completed: a refresh waits for the cloud and the secret store. After that the caller gets 202.
   */
  serve: 10_000,
  /** Checking submitted values waits for the cloud. */
  check: 15_000,
  ping: 2_000,
} as const;

/** gRPC deadlines are points in real time, so this uses the real clock and not the injected one. */
export async function within<T>(client: Client, milliseconds: number, call: () => Promise<T>): Promise<T> {
  return await client.withDeadline(Date.now() + milliseconds, call);
}

const PAUSE_MS = 50;

/**
 * Sends a message again until a run accepts it. While a workflow continues as a new run, Temporal refuses all messages
 * for some milliseconds; a refused message was not delivered, so it is safe to send again. The deadline of the call
 * (`within`) ends the loop.
 */
export async function retryWhileClosing<T>(send: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (!isRunClosing(error)) throw error;
    }
    await sleep(PAUSE_MS);
  }
}
