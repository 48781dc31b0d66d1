import { createHash } from 'node:crypto';

import type { ConnectionStatus } from '../../contracts/connection.ts';

/** Ids by where they were found. */
export interface Listed {
  readonly live: ReadonlySet<string>;
  readonly revoking: ReadonlySet<string>;
  readonly pending: ReadonlySet<string>;
  /** As listed by Temporal's visibility, with the status of each; null where it has none. */
  readonly running: ReadonlyMap<string, string | null>;
  readonly endedFromOutside: ReadonlySet<string>;
}

/** A gate's folders (`con_x/`) as ids; other keys do not belong to connections. */
export function idsOf(names: readonly string[]): Set<string> {
  const ids = new Set<string>();
  for (const name of names) if (name.endsWith('/')) ids.add(name.slice(0, -1));
  return ids;
}

/** When a renewal is this late, no worker has taken it up. */
const OVERDUE_MS = 2 * 60 * 1000;
/** How often the schedule starts a reconciliation. */
const EVERY_MS = 5 * 60 * 1000;
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
  /** How many healthy connections one run describes, in addition to those that may have a problem. */
  readonly inTurn: number;
  /** When a connection's next renewal is due, as last published, in Unix milliseconds; null = not known. */
  readonly dueAtMs: (id: string) => Promise<number | null>;
  /** Ids that the last run found late, paused or stuck. */
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

/** A hash, because the ids of tests and of other programs may not be random. */
const turnOf = (id: string, turns: number): number =>
  turns === 1 ? 0 : createHash('sha256').update(id).digest().readUInt32BE() % turns;
