import { setTimeout as sleep } from 'node:timers/promises';
import { isRunClosing } from './temporal-errors.ts';

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
