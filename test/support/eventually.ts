import { setTimeout as pause } from 'node:timers/promises';

const PAUSE_MS = 25;

type Answer<T> = T | undefined | false;

/**
 * Asks again until it neither throws nor answers undefined or false; answers what it then says. Fails at the
 * deadline, with the last reason as its cause.
 */
export async function eventually<T>(
  what: string,
  ask: () => Answer<T> | Promise<Answer<T>>,
  withinMs = 20_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  let reason: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      reason = undefined;
    } catch (error) {
      reason = error;
    }
    if (Date.now() > deadline) throw new Error(`Waited ${withinMs} ms for ${what}, in vain.`, { cause: reason });
    await pause(PAUSE_MS);
  }
}
