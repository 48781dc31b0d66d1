import { setTimeout as delay } from 'node:timers/promises';
import { StackError } from './stack-error.ts';

/** Asks again until the answer is null; any other answer is what is still wrong. Throws when time is up. */
export async function until(
  what: string,
  stillWrong: () => Promise<string | null>,
  { withinMs, signal }: { readonly withinMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    signal.throwIfAborted();
    const wrong = await stillWrong();
    if (wrong === null) return;
    if (Date.now() > deadline) throw new StackError(`${what} within ${withinMs / 1000} s: ${wrong}.`);
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
