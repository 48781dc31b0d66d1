import { createHash } from 'node:crypto';

/** Numbers that a seed decides: the same seed gives the same numbers, on every machine. */
export interface Random {
  /** From 0 up to, not including, 1. */
  fraction(): number;
  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** One of them, each as likely as its weight says. */
  pickWeighted<T extends { readonly weight: number }>(from: readonly T[]): T;
  /** A stream of its own: what one part draws changes nothing for the others. */
  fork(name: string): Random;
}

export function createRandom(seed: string): Random {
  let state = createHash('sha256').update(seed).digest().readUInt32LE();

  // mulberry32: 32 bits of state, good enough to choose by.
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };

  return {
    fraction,
    between: (low, high) => low + Math.floor(fraction() * (high - low + 1)),
    chance: (probability) => fraction() < probability,
    pick(from) {
      if (from.length === 0) throw new Error('There is nothing to pick from.');
      return from[Math.floor(fraction() * from.length)] as (typeof from)[number];
    },
    pickWeighted(from) {
      let left = fraction() * from.reduce((sum, { weight }) => sum + weight, 0);
      const chosen = from.find(({ weight }) => (left -= weight) < 0) ?? from.at(-1);
      if (chosen === undefined) throw new Error('There is nothing to pick from.');
      return chosen;
    },
    fork: (name) => createRandom(`${seed}/${name}`),
  };
}
