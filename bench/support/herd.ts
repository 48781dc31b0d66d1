import { setTimeout as pause } from 'node:timers/promises';
import type { Fleet } from './fleet.ts';
import type { Say } from './scenario.ts';
import type { Stack } from './stack.ts';
import { reachedAtMs, type Reading } from './statistics.ts';
import type { TokenLife } from './token-life.ts';

/** A fleet whose tokens all fall due within a short time, some moments from now. */
export interface Herd {
  /** The first of them. */
  readonly fromMs: number;
  /** All of them, jitter included. */
  readonly untilMs: number;
}

/** Of the life that a token was given: Mooring renews up to so much earlier or later than in the middle. */
const JITTER_OF_LIFE = 0.06;

/**
 * Onboards so many, each with a token that falls due in the same stretch of time, which begins `asleepMs` after the last
 * onboarding. Until its caller fixes the life of tokens, what is renewed before is aimed at it again.
 */
export async function growHerd(work: {
  readonly fleet: Fleet;
  readonly life: TokenLife;
  readonly size: number;
  readonly asleepMs: number;
  readonly lengthMs: number;
  readonly say: Say;
}): Promise<Herd> {
  const { fleet, life, size, asleepMs, lengthMs, say } = work;
  say(`${fleet.name}: onboarding ${size}.`);
  const startedAtMs = Date.now();
  let endMs = startedAtMs;
  await life.aim(() => ({ fromMs: endMs + asleepMs, lengthMs }));
  await fleet.grow(size, (atMs) => {
    endMs = atMs;
  });
  endMs = Date.now();
  const grownMs = endMs - startedAtMs;
  const marginMs = JITTER_OF_LIFE * (grownMs + asleepMs + lengthMs);
  return { fromMs: endMs + asleepMs - marginMs, untilMs: endMs + asleepMs + lengthMs + marginMs };
}

/** How the renewals of a herd went on from a moment. */
export interface Recovery {
  /** Renewals since that moment. */
  readonly readings: readonly Reading[];
  readonly renewed: number;
  /** Seconds until that share of the herd was renewed; null where that never was. */
  secondsTo(share: number): number | null;
}

const READ_EVERY_MS = 500;

/** Watches until all are renewed, or until nothing more has happened for `quietMs`. Begin before the moment. */
export async function watchRecovery(stack: Stack, size: number, quietMs: number): Promise<Recovery> {
  const before = (await stack.cloud.counters()).refreshTokensSpent;
  const startedAtMs = Date.now();
  const readings: Reading[] = [{ atMs: startedAtMs, count: 0 }];
  let changedAtMs = startedAtMs;
  let renewed = 0;
  while (renewed < size && Date.now() - changedAtMs < quietMs) {
    await pause(READ_EVERY_MS);
    const count = (await stack.cloud.counters()).refreshTokensSpent - before;
    if (count !== renewed) changedAtMs = Date.now();
    renewed = count;
    readings.push({ atMs: Date.now(), count });
  }
  return {
    readings,
    renewed,
    secondsTo(share) {
      const atMs = reachedAtMs(readings, Math.max(1, Math.round(size * share)));
      return atMs === null ? null : (atMs - startedAtMs) / 1000;
    },
  };
}
