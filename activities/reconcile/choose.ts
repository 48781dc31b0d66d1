import { createHash } from 'node:crypto';

import type { ConnectionStatus } from '../../contracts/connection.ts';

/** Ids by where they were found. */
export interface Listed {
  readonly live: ReadonlySet<string>;
  readonly revoking: ReadonlySet<string>;
  readonly pending: ReadonlySet<string>;
  /** As visibility has them, with the status of each; null where it has none. */
  readonly running: ReadonlyMap<string, string | null>;
  readonly endedFromOutside: ReadonlySet<string>;
}

/** A gate's folders (`con_x/`), as ids; keys of another shape are not of connections. */
export function idsOf(names: readonly string[]): Set<string> {
  const ids = new Set<string>();
  for (const name of names) if (name.endsWith('/')) ids.add(name.slice(0, -1));
  return ids;
}

/** When a renewal is this late, no worker has taken it up. */
const OVERDUE_MS = 2 * 60 * 1000;
/** As the schedule starts a reconciliation. */
const EVERY_MS = 5 * 60 * 1000;
/** One after the other, the answers for 10,000 connections would take seconds. */
const ASKED_AT_ONCE = 100;

/** In these phases nothing is done by itself: there is nothing that could be late. */
const resting: ReadonlySet<string> = new Set<ConnectionStatus>([
  'awaiting_customer',
  'paused',
  'action_required',
  'stopped',
  'disconnected',
  'expired',
]);

export interface Choice {
  /** How many are looked at in turn, besides those that may be in trouble. */
  readonly inTurn: number;
  /** When a connection's next renewal was said to be due, in Unix milliseconds; null where nothing was said. */
  readonly dueAtMs: (id: string) => Promise<number | null>;
  /** What was found in trouble the last time. */
  readonly unwell: ReadonlySet<string>;
  readonly nowMs: number;
}

/**
 * The ids that one reconciliation describes in Temporal. Healthy connections are described in turn, 1,000 in each run:
 * describing 10,000 connections every five minutes would cost a quarter of what renewing them costs.
 */
export async function chooseIds(listed: Listed, { inTurn, dueAtMs, unwell, nowMs }: Choice): Promise<Set<string>> {
  const { live, revoking, pending, running, endedFromOutside } = listed;
  const turns = Math.max(1, Math.ceil(running.size / inTurn));
  const turn = Math.floor(nowMs / EVERY_MS) % turns;
  const chosen = new Set<string>();
  const others: string[] = [];
  for (const [id, status] of running) {
    if (turnOf(id, turns) === turn || unwell.has(id)) chosen.add(id);
    else if (status === null || !resting.has(status)) others.push(id);
  }
  for (let from = 0; from < others.length; from += ASKED_AT_ONCE) {
    const ids = others.slice(from, from + ASKED_AT_ONCE);
    const dues = await Promise.all(ids.map(dueAtMs));
    for (const [index, due] of dues.entries()) {
      if (due === null || nowMs - due > OVERDUE_MS) chosen.add(ids[index] as string);
    }
  }
  for (const stored of [live, revoking, pending]) for (const id of stored) if (!running.has(id)) chosen.add(id);
  for (const id of endedFromOutside) chosen.add(id);
  return chosen;
}

/** Ids are random, but those of tests and of other programs need not be. */
const turnOf = (id: string, turns: number): number =>
  turns === 1 ? 0 : createHash('sha256').update(id).digest().readUInt32BE() % turns;
