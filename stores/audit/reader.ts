import type { KeyRing } from '../../platform/key-ring.ts';
import type { Chains } from './chain.ts';
import { chainOf } from './entries.ts';
import { parseLine, type AuditEntry, type AuditLine } from './line.ts';
import type { AuditStore, LinePlace } from './port.ts';
import { createVerifier, type Verdict } from './verify.ts';

/** Bounds by the time of recording, which is within a second of the request, and for repeats within a minute. */
export interface AuditPeriod {
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

export interface AuditFilter extends AuditPeriod {
  /** The id of the actor. */
  readonly actor?: string;
  readonly action?: string;
  readonly connection?: string;
  readonly outcome?: AuditEntry['outcome'];
}

export interface AuditPage {
  readonly lines: readonly AuditLine[];
  /** Where the next page begins; null on the last one. */
  readonly next: LinePlace | null;
}

/** Reads the record of a tenant, or with null that of the installation. Rejects as the store does. */
export interface AuditReader {
  /** Newest first. A page may be short, or empty, and have another behind it. */
  page(tenant: string | null, filter: AuditFilter, after: LinePlace | null, limit: number): Promise<AuditPage>;
  /** Oldest first, in batches. */
  lines(tenant: string | null, period: AuditPeriod): AsyncGenerator<readonly AuditLine[]>;
  verify(tenant: string | null): Promise<Verdict>;
}

const CHUNK = 500;
/** For one page: a filter that matches little must not read the whole chain in one request. */
const MOST_READ = 5_000;

export function createAuditReader(deps: {
  readonly store: Pick<AuditStore, 'read'>;
  readonly chains: Pick<Chains, 'newest'>;
  readonly keyRing: KeyRing;
}): AuditReader {
  const { store, chains, keyRing } = deps;

  async function* chunks(chain: string, { fromMs, toMs }: AuditPeriod) {
    for (let after: LinePlace | null = null; ;) {
      const chunk = await store.read(chain, { order: 'oldest_first', after, fromMs, toMs, limit: CHUNK });
      if (chunk.length > 0) yield chunk;
      after = chunk.at(-1) ?? null;
      if (chunk.length < CHUNK) return;
    }
  }

  return {
    async page(tenant, filter, after, limit) {
      const { fromMs, toMs } = filter;
      const lines: AuditLine[] = [];
      let place = after;
      for (let read = 0; read < MOST_READ; read += CHUNK) {
        const options = { order: 'newest_first', after: place, fromMs, toMs, limit: CHUNK } as const;
        const chunk = await store.read(chainOf(tenant), options);
        for (const stored of chunk) {
          place = { seq: stored.seq, recordedAtMs: stored.recordedAtMs };
          const line = parseLine(stored.text);
          if (line && isWanted(line, filter)) lines.push(line);
          if (lines.length === limit) return { lines, next: place };
        }
        if (chunk.length < CHUNK) return { lines, next: null };
      }
      return { lines, next: place };
    },

    async *lines(tenant, period) {
      for await (const chunk of chunks(chainOf(tenant), period))
        yield chunk.flatMap(({ text }) => parseLine(text) ?? []);
    },

    async verify(tenant) {
      const chain = chainOf(tenant);
      const newest = chains.newest(chain);
      const verifier = createVerifier(keyRing);
      for await (const chunk of chunks(chain, { fromMs: null, toMs: null })) {
        if (!chunk.every(({ text }) => verifier.add(text))) break;
      }
      return verifier.end(newest);
    },
  };
}

const isWanted = (line: AuditLine, { actor, action, connection, outcome }: AuditFilter): boolean =>
  (actor === undefined || line.actor?.id === actor) &&
  (action === undefined || line.action === action) &&
  (connection === undefined || line.connection === connection) &&
  (outcome === undefined || line.outcome === outcome);
