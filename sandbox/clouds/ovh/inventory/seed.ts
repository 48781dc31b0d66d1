import { createHash } from 'node:crypto';

/** Where everything about one generated resource comes from: the same for the same owner, kind and index, always. */
export interface Seed {
  /** Id of the project, or nichandle. */
  readonly owner: string;
  /** From 0; resource names count from 1. */
  readonly index: number;
  readonly number: number;
  /** `label` sets apart the things that one resource has several of. */
  hex(label: string, digits: number): string;
  uuid(label?: string): string;
  /** An integer from 0 up to, not including, `limit`. */
  below(label: string, limit: number): number;
  pick<const C extends readonly [unknown, ...unknown[]]>(label: string, choices: C): C[number];
  /** A moment of the two years before autumn 2026, ISO 8601. */
  moment(label: string): string;
}

const FIRST_MOMENT_MS = Date.parse('2024-09-01T00:00:00Z');
const MOMENT_SECONDS = 2 * 365 * 86_400;

export function createSeed(owner: string, kind: string, index: number): Seed {
  const hex = (label: string, digits: number) =>
    createHash('sha256').update(`${owner}/${kind}/${index}/${label}`).digest('hex').slice(0, digits);
  const below = (label: string, limit: number) => parseInt(hex(label, 12), 16) % limit;
  return {
    owner,
    index,
    number: index + 1,
    hex,
    below,
    uuid(label = 'id') {
      const digits = hex(label, 30);
      const part = (from: number, to: number) => digits.slice(from, to);
      return `${part(0, 8)}-${part(8, 12)}-4${part(12, 15)}-8${part(15, 18)}-${part(18, 30)}`;
    },
    pick: (label, choices) => choices[below(label, choices.length)],
    moment: (label) =>
      new Date(FIRST_MOMENT_MS + below(label, MOMENT_SECONDS) * 1000).toISOString().replace('.000Z', 'Z'),
  };
}
