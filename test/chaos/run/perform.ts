import { setTimeout as delay } from 'node:timers/promises';
import type { World } from './actions/action.ts';
import type { ActionCount } from './outcome.ts';
import { clock, type PlannedAction } from './plan.ts';

export interface ActionsDone {
  readonly counts: Readonly<Record<string, ActionCount>>;
  readonly failures: readonly string[];
}

export interface Performance {
  /** What goes on at this moment. */
  readonly running: () => readonly string[];
  /** After the signal, once the last of them has ended. */
  readonly ended: Promise<ActionsDone>;
}

/** Carries a plan out, each action at its time, side by side where they need different things. */
export function carryOut(
  plan: readonly PlannedAction[],
  world: World,
  stop: AbortSignal,
  say: (line: string) => void,
): Performance {
  const beganAtMs = Date.now();
  const counts: Record<string, ActionCount> = {};
  const failures: string[] = [];
  const running = new Set<string>();

  async function perform(action: PlannedAction): Promise<void> {
    const { kind, text, needs, atSeconds } = action;
    const count = (counts[kind] ??= { done: 0, skipped: 0, failed: 0 });
    const release = world.locks.tryTake(needs);
    if (!release) {
      count.skipped += 1;
      return;
    }
    say(`${clock(atSeconds)}  ${text}`);
    running.add(text);
    try {
      await action.run(world);
      count.done += 1;
    } catch (error) {
      count.failed += 1;
      failures.push(`${clock(atSeconds)} ${text}: ${(error as Error).message}`);
    } finally {
      running.delete(text);
      release();
    }
  }

  async function all(): Promise<ActionsDone> {
    const performing: Promise<void>[] = [];
    for (const action of plan) {
      const waitMs = beganAtMs + action.atSeconds * 1_000 - Date.now();
      if (waitMs > 0) await delay(waitMs, undefined, { signal: stop }).catch(() => {});
      if (stop.aborted) break;
      performing.push(perform(action));
    }
    await Promise.all(performing);
    return { counts, failures };
  }

  return { running: () => [...running], ended: all() };
}
