import { setTimeout as delay } from 'node:timers/promises';
import { StackError } from './stack-error.ts';

const REMIND_EVERY_MS = 15_000;

export interface Patience {
  readonly withinMs: number;
  readonly signal: AbortSignal;
  /** Told now and then what is still wrong, so that a long wait explains itself. */
  readonly remind: (wrong: string) => void;
}

/** Asks again until the answer is null; any other answer is what is still wrong. Throws when time is up. */
export async function until(what: string, stillWrong: () => Promise<string | null>, patience: Patience): Promise<void> {
  const { withinMs, signal, remind } = patience;
  const startedAt = Date.now();
  let remindedAt = startedAt;
  for (;;) {
    signal.throwIfAborted();
    const wrong = await stillWrong();
    if (wrong === null) return;
    const now = Date.now();
    if (now - startedAt > withinMs) throw new StackError(`${what} within ${withinMs / 1000} s: ${wrong}.`);
    if (now - remindedAt > REMIND_EVERY_MS) {
      remindedAt = now;
      remind(wrong);
    }
    await delay(100, undefined, { signal });
  }
}

/** Null once the URL answers 2xx. */
export async function httpProblem(url: string): Promise<string | null> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    return answer.ok ? null : `${url} answers ${answer.status}: ${(await answer.text()).slice(0, 500)}`;
  } catch (error) {
    return `${url} does not answer (${error instanceof Error ? error.message : String(error)})`;
  }
}
