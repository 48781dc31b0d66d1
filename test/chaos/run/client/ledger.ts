import type { WayIn } from '../../../support/ways.ts';

export interface Tag {
  readonly value: string;
  readonly askedAtMs: number;
  /** The write was answered with 200; else it may have been carried out, or may be yet. */
  readonly certain: boolean;
}

/** What a client knows of one connection: what it asked for, what was accepted, what it saw last. */
export interface Entry {
  /** Its Idempotency-Key: asking again can't make a second one. */
  readonly key: string;
  readonly way: WayIn;
  id: string | null;
  invitationUrl: string | null;
  acceptedAtMs: number | null;
  /** Authorization codes that its sign-ins were given, and when: by these the cloud knows its grants. */
  readonly codes: Map<string, number>;
  /** The highest that was seen, and when the answer that said so had arrived. */
  generation: { value: number; atMs: number };
  /** The tags that it may have: those of the last write that was answered, and of writes whose end is not known. */
  tags: readonly Tag[];
  disconnect: { readonly askedAtMs: number; acceptedAtMs: number | null } | null;
  /** What an operator did to its workflow, past the API. */
  readonly ended: { readonly how: 'terminated' | 'cancelled'; readonly atMs: number }[];
  recoverAskedAtMs: number | null;
  /** A write is in flight. */
  busy: boolean;
  seen: { readonly status: string; readonly atMs: number } | null;
  /** Every code that was ever seen as the problem that a person had to act on. */
  readonly refusals: Set<string>;
  /** When it said that it had spent a token once more on purpose, in ms. */
  readonly replays: Set<number>;
}

export interface Ledger {
  add(key: string, way: WayIn): Entry;
  entries(): readonly Entry[];
  /** Those that have come in, and were not asked to leave. */
  connected(): readonly Entry[];
  /** Those that were not asked to leave, accepted or not. */
  wanted(): readonly Entry[];
  byCode(code: string): Entry | undefined;
}

/** What each connection is tagged with as it is asked for. */
export const FIRST_TAG = 'new';

const cameIn = new Set(['active', 'degraded', 'paused', 'action_required', 'stopped']);

export function createLedger(): Ledger {
  const entries: Entry[] = [];
  return {
    add(key, way) {
      const entry: Entry = {
        key,
        way,
        id: null,
        invitationUrl: null,
        acceptedAtMs: null,
        codes: new Map(),
        generation: { value: 0, atMs: 0 },
        tags: [{ value: FIRST_TAG, askedAtMs: Date.now(), certain: true }],
        disconnect: null,
        ended: [],
        recoverAskedAtMs: null,
        busy: false,
        seen: null,
        refusals: new Set(),
        replays: new Set(),
      };
      entries.push(entry);
      return entry;
    },
    entries: () => entries,
    connected: () => entries.filter(({ seen, disconnect }) => !disconnect && seen && cameIn.has(seen.status)),
    wanted: () => entries.filter(({ disconnect }) => !disconnect),
    byCode: (code) => entries.find(({ codes }) => codes.has(code)),
  };
}

/** True while an operator has ended its workflow and nobody has asked for it back. */
export function isEnded({ ended, recoverAskedAtMs }: Entry): boolean {
  const last = ended.at(-1);
  return last !== undefined && (recoverAskedAtMs === null || recoverAskedAtMs < last.atMs);
}
