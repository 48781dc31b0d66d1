import type { Clock } from '../../platform/clock.ts';
import type { KeyRing } from '../../platform/key-ring.ts';
import type { Logger } from '../../platform/logger.ts';
import { iso } from '../../contracts/time.ts';
import { EphemeralStoreUnavailable } from '../ephemeral/port.ts';
import { systemEntry } from './entries.ts';
import { headOf, makeLine, NO_HASH, parseLine, type AuditEntry, type AuditLine, type ChainHead } from './line.ts';
import type { AuditStore, StoredLine } from './port.ts';

/** What is kept of a chain. */
export interface Retention {
  readonly lines: number;
  readonly days: number;
}

/** Appends entries to the chains, signed and in one step each, also while other processes do the same. */
export interface Chains {
  /**
   * Rejects as the store does. It is then not known whether the entries were appended: the next call, which must begin
   * with the same entries, finds out.
   */
  append(chain: string, entries: readonly AuditEntry[]): Promise<void>;
  /** The newest line that this process has appended. */
  newest(chain: string): ChainHead | undefined;
  /** How often this process found the end of a chain cut off, or signed by a key that is not of this installation. */
  readonly broken: number;
}

/** Each lost try means that another process appended something. */
const MOST_TRIES = 50;
const DAY_MS = 24 * 60 * 60 * 1000;

export function createChains(deps: {
  readonly store: Pick<AuditStore, 'last' | 'read' | 'append'>;
  readonly keyRing: KeyRing;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retention: Retention;
}): Chains {
  const { store, keyRing, clock, logger, retention } = deps;
  /** Where the next line goes, as far as this process knows. */
  const heads = new Map<string, ChainHead>();
  /** The newest line that this process has appended. */
  const newest = new Map<string, ChainHead>();
  let broken = 0;
  /** What was sent to a store that did not answer, and how many of the caller's entries are in it. */
  const unanswered = new Map<string, { readonly lines: readonly AuditLine[]; readonly entries: number }>();

  /** The newest line, where it is signed by this installation. Else the new line shows that it follows none. */
  const readHead = async (chain: string): Promise<ChainHead | null> => {
    const stored = await store.last(chain);
    if (!stored) return null;
    const line = parseLine(stored.text);
    const isSigned = line && keyRing.matchesUnder(line.keyId, 'audit', line.hash, line.mac) === true;
    const { seq, recordedAtMs } = stored;
    if (isSigned && line.chain === chain && line.seq === seq) return { seq, recordedAtMs, hash: line.hash };
    broken += 1;
    logger.error({ chain, seq }, 'The newest line of the audit record is not signed by a key of this installation.');
    return { seq, recordedAtMs, hash: NO_HASH };
  };

  /** A reply may have been lost after the store had appended the lines. A hash names exactly one line. */
  const wasAppended = async (chain: string, lines: readonly AuditLine[]): Promise<boolean> => {
    const [first] = lines;
    if (!first) return true;
    const before = { seq: first.seq - 1, recordedAtMs: Date.parse(first.recordedAt) };
    const options = { order: 'oldest_first', after: before, fromMs: null, toMs: null, limit: 1 } as const;
    const [found] = await store.read(chain, options);
    return found !== undefined && parseLine(found.text)?.hash === first.hash;
  };

  const send = async (chain: string, head: ChainHead | null, lines: readonly AuditLine[]): Promise<boolean> => {
    const keep = { lines: retention.lines, fromMs: clock.now() - retention.days * DAY_MS };
    return await store.append(chain, head, lines.map(storedLine), keep);
  };

  /** The line that says so where lines are gone that this process has appended. */
  const cutOff = (chain: string, head: ChainHead | null): AuditEntry[] => {
    const known = newest.get(chain);
    if (!known || (head?.seq ?? 0) >= known.seq) return [];
    broken += 1;
    const target = `lines up to ${known.seq}, hash ${known.hash}`;
    logger.error({ audit: true, chain, seq: known.seq, hash: known.hash }, 'The audit record has been cut off.');
    return [systemEntry(iso(clock.now()), { action: 'auditCutOff', target })];
  };

  const settle = (chain: string, lines: readonly AuditLine[]): void => {
    const last = lines.at(-1);
    if (!last) return;
    heads.set(chain, headOf(last));
    newest.set(chain, headOf(last));
    // Whoever keeps the log can prove by it that the record has not been cut off.
    logger.info({ audit: true, chain, seq: last.seq, hash: last.hash, lines: lines.length }, 'audit record');
  };

  /** How many of the caller's entries a call has appended whose reply was lost: its caller repeats them. */
  const appendedBefore = async (chain: string): Promise<number> => {
    const sent = unanswered.get(chain);
    if (!sent) return 0;
    const isThere = await wasAppended(chain, sent.lines);
    unanswered.delete(chain);
    heads.delete(chain);
    if (!isThere) return 0;
    settle(chain, sent.lines);
    return sent.entries;
  };

  return {
    async append(chain, given) {
      const entries = given.slice(await appendedBefore(chain));
      for (let tries = 1; entries.length > 0; tries++) {
        const head = heads.get(chain) ?? (await readHead(chain));
        const all = [...cutOff(chain, head), ...entries];
        const lines = linesBehind(keyRing, chain, head, all, clock.now());
        unanswered.set(chain, { lines, entries: entries.length });
        const isAppended = await send(chain, head, lines);
        unanswered.delete(chain);
        if (isAppended) return settle(chain, lines);
        heads.delete(chain);
        if (tries >= MOST_TRIES)
          throw new EphemeralStoreUnavailable(`Others append to the chain ${chain} all the time.`);
      }
    },
    newest: (chain) => newest.get(chain),
    get broken() {
      return broken;
    },
  };
}

function linesBehind(
  keyRing: KeyRing,
  chain: string,
  first: ChainHead | null,
  entries: readonly AuditEntry[],
  nowMs: number,
): AuditLine[] {
  let head = first;
  return entries.map((entry) => {
    const line = makeLine(keyRing, chain, head, entry, nowMs);
    head = headOf(line);
    return line;
  });
}

const storedLine = (line: AuditLine): StoredLine => ({
  seq: line.seq,
  recordedAtMs: Date.parse(line.recordedAt),
  text: JSON.stringify(line),
});
