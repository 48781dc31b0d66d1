import type { OvhGrant } from '../../../../sandbox/clouds/ovh/control-client.ts';
import type { Entry } from '../client/ledger.ts';
import type { Client } from '../client/traffic.ts';
import type { ChaosCloud } from '../stack/servers.ts';
import type { Findings } from './findings.ts';

/**
 * How a connection tells that it spent a token once more on purpose: a marker of an attempt whose end was not known
 * stood in its record. With strict rotation the cloud then takes the grant back.
 */
const replayMarks = new Set(['rotation_response_lost', 'replayed']);

/** A second use in the middle of a disconnection: the connection ends before it could say that it was a replay. */
const LEAVING_MS = 60_000;

export interface Spendings {
  /** Looks at what is new at the cloud; what is not explained yet is looked at again. */
  look(): Promise<void>;
  /** What is still not explained is a violation. */
  conclude(): Promise<void>;
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

  async function isReplay(entry: Entry): Promise<boolean> {
    if ([...replayMarks].some((code) => entry.problems.has(code))) return true;
    const { status, body } = await client.verbs.timeline(entry);
    if (status !== 200) return false;
    const { items } = body as { items: readonly { event: string }[] };
    return items.some(({ event }) => replayMarks.has(event));
  }

  async function explain(use: SecondUse): Promise<boolean> {
    const entry = use.grant.code === null ? undefined : client.ledger.byCode(use.grant.code);
    if (!entry) return false;
    if (await isReplay(entry)) counts.replays += 1;
    else if (Math.abs((entry.disconnect?.askedAtMs ?? 0) - use.atMs) < LEAVING_MS) counts.whileLeaving += 1;
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
    async conclude() {
      for (const use of await open()) {
        if (await explain(use)) continue;
        const { grant, atMs } = use;
        const id = grant.code === null ? null : (client.ledger.byCode(grant.code)?.id ?? null);
        const at = new Date(atMs).toISOString();
        findings.check('spent', id, `a spent refresh token of the grant ${grant.id} came back at ${at}, unmarked`);
      }
    },
  };
}
