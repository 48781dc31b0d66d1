import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { isRunClosing } from './temporal-errors.ts';

/** How long each kind of call to Temporal may take, in milliseconds. None is without a deadline. */
export const deadlines = {
  start: 5_000,
  /** A query hangs where no worker runs. */
  query: 2_000,
  describe: 2_000,
  signal: 5_000,
  list: 5_000,
  /** Until the workflow has taken the update in, which makes it durable. */
  accept: 5_000,
  /** Until it has been served: a refresh waits for the cloud and the secret store. Beyond, the caller is told that it goes on. */
  serve: 10_000,
  /** Submitted values that are looked at wait for their cloud. */
  check: 15_000,
  ping: 2_000,
} as const;

/** gRPC's deadlines are points in real time, whatever clock the rest of the process was given. */
export async function within<T>(client: Client, milliseconds: number, call: () => Promise<T>): Promise<T> {
  return await client.withDeadline(Date.now() + milliseconds, call);
}

const PAUSE_MS = 50;

/**
 * Sends a message until a run takes it in: a connection that goes on as a new run refuses all messages for a moment, and
 * none of them has been taken. Ends with the deadline that the call has (`within`).
 */
export async function pastClosing<T>(send: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (!isRunClosing(error)) throw error;
    }
    await sleep(PAUSE_MS);
  }
}
