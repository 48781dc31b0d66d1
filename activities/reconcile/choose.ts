import type { ConnectionStatus } from '../../contracts/connection.ts';

/** Ids by where they were found. */
export interface Listed {
  readonly live: ReadonlySet<string>;
  readonly revoking: ReadonlySet<string>;
  readonly pending: ReadonlySet<string>;
  /** The part whose turn it is, as listed by Temporal's visibility. */
  readonly running: ReadonlySet<string>;
  readonly endedFromOutside: ReadonlySet<string>;
}

/** A gate's folders (`con_x/`) as ids; other keys do not belong to connections. */
export function idsOf(names: readonly string[]): Set<string> {
  const ids = new Set<string>();
  for (const name of names) if (name.endsWith('/')) ids.add(name.slice(0, -1));
  return ids;
}

/** How often the schedule starts a reconciliation. */
const EVERY_MS = 5 * 60 * 1000;
/** Ids are random base32, so by their first characters they fall into parts of equal size. */
const BEGINNINGS: readonly string[] = Array.from('abcdefghijklmnopqrstuvwxyz234567', (first) => `con_${first}`);

/** The part of the connections that one run lists and describes. */
export interface Turn {
  /** How ids of this part begin; null where the part is all of them. */
  readonly beginnings: readonly string[] | null;
  readonly has: (id: string) => boolean;
}

/** Up to `inTurn` connections are one part. Of more, each run takes the next part, of about that size. */
export function turnOf(connections: number, inTurn: number, nowMs: number): Turn {
  const turns = Math.min(Math.ceil(connections / inTurn), BEGINNINGS.length);
  if (turns <= 1) return { beginnings: null, has: () => true };
  const turn = Math.floor(nowMs / EVERY_MS) % turns;
  const beginnings = BEGINNINGS.filter((_, index) => index % turns === turn);
  return { beginnings, has: (id) => beginnings.some((beginning) => id.startsWith(beginning)) };
}

/** When a renewal is this late, no worker has taken it up. */
const OVERDUE_MS = 2 * 60 * 1000;
/** Lookups of due times at once. In sequence, those of 10,000 connections would take seconds. */
const ASKED_AT_ONCE = 100;

/** In these phases nothing is scheduled, so nothing can be late. */
const resting: ReadonlySet<string> = new Set<ConnectionStatus>([
  'awaiting_customer',
  'paused',
  'action_required',
  'stopped',
  'disconnected',
  'expired',
]);

export interface Choice {
  readonly turn: Turn;
  /** When a connection's next renewal is due, as last published, in Unix milliseconds; null = not known. */
  readonly dueAtMs: (id: string) => Promise<number | null>;
  /** The status that was published last; null = not known. */
  readonly statusOf: (id: string) => Promise<string | null>;
  /** Ids that the last run found late, paused or stuck. */
  readonly unwell: ReadonlySet<string>;
  readonly nowMs: number;
}

/**
 * The ids that one reconciliation describes in Temporal. It describes the part whose turn it is, connections that were
 * ended from outside, connections that had a problem in the last run, and connections whose renewal is overdue.
 */
export async function chooseIds(listed: Listed, choice: Choice): Promise<Set<string>> {
  const { live, revoking, pending, running, endedFromOutside } = listed;
  const { turn, dueAtMs, statusOf, unwell, nowMs } = choice;
  const chosen = new Set([...running, ...endedFromOutside, ...unwell]);
  for (const stored of [live, revoking, pending]) for (const id of stored) if (turn.has(id)) chosen.add(id);
  const isOverdue = async (id: string): Promise<boolean> => {
    const due = await dueAtMs(id);
    if (due !== null && nowMs - due <= OVERDUE_MS) return false;
    const status = await statusOf(id);
    return status === null || !resting.has(status);
  };
  const others = [...live].filter((id) => !chosen.has(id));
  for (let from = 0; from < others.length; from += ASKED_AT_ONCE) {
    const ids = others.slice(from, from + ASKED_AT_ONCE);
    const overdue = await Promise.all(ids.map(isOverdue));
    for (const [index, id] of ids.entries()) if (overdue[index]) chosen.add(id);
  }
  return chosen;
}
