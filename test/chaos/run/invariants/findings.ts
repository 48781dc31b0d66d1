/** What must hold, whatever happens. */
export const invariants = {
  kept: 'every accepted connection is there, or was disconnected by request',
  listed: 'every accepted connection is listed once',
  written: 'an accepted change is seen, and a generation never goes back',
  spent: 'no refresh token is spent twice, but by the marked replay',
  replays: 'every workflow history replays',
  seen: 'nothing is stuck or stopped unseen',
  fresh: 'no credential is served past its expiry without a warning',
  well: 'after the quiet every connection is active with a fresh credential',
  gone: 'what was disconnected has a tombstone and nothing else',
  answered: 'no answer is a 500',
} as const;
export type Invariant = keyof typeof invariants;

export interface Violation {
  readonly invariant: Invariant;
  /** When it was seen first. */
  readonly at: string;
  /** How often it was seen, numbers and times in its text aside. */
  times: number;
  /** The connection's, where it is about one. */
  readonly id: string | null;
  readonly text: string;
}

/** What was checked, and what did not hold. */
export interface Findings {
  /** Counts one check; `text` is what is wrong, undefined where it holds. */
  check(invariant: Invariant, id: string | null, text: string | undefined): void;
  checks(invariant: Invariant): number;
  violations(): readonly Violation[];
}

export function createFindings(say: (line: string) => void): Findings {
  const counts = new Map<Invariant, number>();
  const violations = new Map<string, Violation>();
  return {
    check(invariant, id, text) {
      counts.set(invariant, (counts.get(invariant) ?? 0) + 1);
      if (text === undefined) return;
      const key = [invariant, id, text.replaceAll(/\b\d[\d.:TZ-]*\b/g, '#')].join(' ');
      const known = violations.get(key);
      if (known) {
        known.times += 1;
        return;
      }
      violations.set(key, { invariant, at: new Date().toISOString(), times: 1, id, text });
      say(`VIOLATED  ${invariants[invariant]}: ${id ?? ''} ${text}`);
    },
    checks: (invariant) => counts.get(invariant) ?? 0,
    violations: () => [...violations.values()],
  };
}
