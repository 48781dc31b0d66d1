import type { OvhGrant } from '../../../../sandbox/clouds/ovh/control-client.ts';
import type { Entry } from '../client/ledger.ts';
import type { Client } from '../client/traffic.ts';
import type { ChaosCloud } from '../stack/servers.ts';
import type { Findings } from './findings.ts';

/**
 * A second use in the middle of a disconnection or of another sign-in: the marked record is revoked, or replaced, before the
 * connection could say that it was a replay.
 */
const LEAVING_MS = 60_000;

/** The clocks are one, but a workflow's runs in steps. */
const CLOCK_STEP_MS = 2_000;

/** When the customer signed in again after that code was given. */
function nextCodeMs({ codes }: Entry, code: string): number {
  const codeAtMs = codes.get(code) ?? 0;
  return Math.min(Infinity, ...[...codes.values()].filter((atMs) => atMs > codeAtMs));
}

/** A sign-in that the customer began of their own accord may never arrive. */
const SAID_WITHIN_MS = 120_000;

/** Said soon after the second use, or at least before the next sign-in: that follows where the connection asked for one. */
function saysSo(entry: Entry, code: string, usedAtMs: number): boolean {
  const { replays } = entry;
  const untilMs = Math.max(nextCodeMs(entry, code), usedAtMs + SAID_WITHIN_MS);
  return [...replays].some((atMs) => atMs > usedAtMs - CLOCK_STEP_MS && atMs < untilMs);
}

function isLeaving(entry: Entry, code: string, usedAtMs: number): boolean {
  const askedAtMs = entry.disconnect?.askedAtMs ?? 0;
  const replacedAtMs = nextCodeMs(entry, code);
  return (
    Math.abs(askedAtMs - usedAtMs) < LEAVING_MS || (replacedAtMs < usedAtMs && usedAtMs - replacedAtMs < LEAVING_MS)
  );
}

export interface Spendings {
  /** Looks at what is new at the cloud; what is not explained yet is looked at again. */
  look(): Promise<void>;
  /**
   * What is still not explained is a violation. A mark that no read has seen, because everything was down at that time,
   * and that has left the timeline since, still stands in the histories: `marksOf` reads when the connection made it.
   */
  conclude(marksOf: (id: string) => Promise<readonly number[]>): Promise<void>;
  counts(): { readonly again: number; readonly replays: number; readonly whileLeaving: number };
}

interface SecondUse {
  readonly grant: OvhGrant;
  readonly atMs: number;
}

export function createSpendings(cloud: ChaosCloud, client: Client, findings: Findings): Spendings {
  const explained = new Set<string>();
  const counts = { again: 0, replays: 0, whileLeaving: 0 };
  const nameOf = ({ grant, atMs }: SecondUse): string => `${grant.id} ${atMs}`;

  async function open(): Promise<SecondUse[]> {
    const grants = await cloud.control.ovh.grants();
    const all = grants.flatMap((grant) => grant.spentAgainAtMs.map((atMs) => ({ grant, atMs })));
    counts.again = all.length;
    return all.filter((use) => !explained.has(nameOf(use)));
  }

  async function isReplay(entry: Entry, code: string, atMs: number): Promise<boolean> {
    if (saysSo(entry, code, atMs)) return true;
    await client.verbs.timeline(entry);
    return saysSo(entry, code, atMs);
  }

  async function explain(use: SecondUse): Promise<boolean> {
    const { code } = use.grant;
    const entry = code === null ? undefined : client.ledger.byCode(code);
    if (!entry || code === null) return false;
    if (await isReplay(entry, code, use.atMs)) counts.replays += 1;
    else if (isLeaving(entry, code, use.atMs)) counts.whileLeaving += 1;
    else return false;
    explained.add(nameOf(use));
    findings.check('spent', entry.id, undefined);
    return true;
  }

  return {
    counts: () => counts,
    async look() {
      for (const use of await open()) await explain(use);
    },
    async conclude(marksOf) {
      for (const use of await open()) {
        const { grant, atMs } = use;
        const entry = grant.code === null ? undefined : client.ledger.byCode(grant.code);
        const id = entry?.id ?? null;
        const marks = id === null ? [] : await marksOf(id);
        for (const markedAtMs of marks) entry?.replays.add(markedAtMs);
        if (await explain(use)) continue;
        const at = new Date(atMs).toISOString();
        findings.check('spent', id, `a spent refresh token of the grant ${grant.id} came back at ${at}, unmarked`);
      }
    },
  };
}
