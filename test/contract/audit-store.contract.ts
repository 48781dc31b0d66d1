import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AuditStore, LinePlace, ReadOptions, StoredLine } from '../../stores/audit/port.ts';

const START_MS = Date.parse('2026-11-23T08:00:00Z');
const forEver = { lines: 1_000, fromMs: 0 };
const whole: ReadOptions = { order: 'oldest_first', after: null, fromMs: null, toMs: null, limit: 1_000 };

/** Line `seq` of a chain, a second after the one before. */
const line = (seq: number, text = `line ${seq}`): StoredLine => ({ seq, recordedAtMs: START_MS + seq * 1_000, text });
const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => line(from + index));
const placeOf = ({ seq, recordedAtMs }: StoredLine): LinePlace => ({ seq, recordedAtMs });
const numbers = (read: readonly StoredLine[]) => read.map(({ seq }) => seq);

/** What every store of the audit record guarantees. */
export function auditStoreContract(open: () => Promise<AuditStore>): void {
  let store: AuditStore;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(async () => await store.close());

  const newChain = () => `tenant/${randomUUID()}`;
  /** A chain with the lines 1 to `length`. */
  const chainWith = async (length: number): Promise<string> => {
    const chain = newChain();
    expect(await store.append(chain, null, lines(1, length), forEver)).toBe(true);
    return chain;
  };

  it('a chain without lines has no newest line and reads as empty', async () => {
    const chain = newChain();
    expect(await store.last(chain)).toBeUndefined();
    expect(await store.read(chain, whole)).toEqual([]);
  });

  it('the lines of a chain come back unchanged, and the newest is the last that was appended', async () => {
    const chain = newChain();
    const odd = [line(1, '{"name":"Zoë 🔑","text":"a\\nb"}'), line(2, ''), line(3, '"\u2028"')];
    await store.append(chain, null, odd, forEver);
    expect(await store.read(chain, whole)).toEqual(odd);
    expect(await store.last(chain)).toEqual(odd[2]);
  });

  it('lines of the same millisecond keep their order', async () => {
    const chain = newChain();
    const same = [1, 2, 3, 10, 11].map((seq) => ({ seq, recordedAtMs: START_MS, text: `line ${seq}` }));
    await store.append(chain, null, same, forEver);
    expect(await store.read(chain, whole)).toEqual(same);
    expect(await store.last(chain)).toEqual(same[4]);
  });

  it('lines are appended only behind the newest one, all of them or none', async () => {
    const chain = await chainWith(3);
    for (const stale of [null, placeOf(line(2)), placeOf(line(4)), { seq: 3, recordedAtMs: START_MS }]) {
      expect(await store.append(chain, stale, lines(4, 6), forEver)).toBe(false);
    }
    expect(numbers(await store.read(chain, whole))).toEqual([1, 2, 3]);
    expect(await store.append(chain, placeOf(line(3)), lines(4, 6), forEver)).toBe(true);
    expect(numbers(await store.read(chain, whole))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('of fifty processes that append behind the same line, exactly one does', async () => {
    const chain = await chainWith(1);
    const tries = Array.from({ length: 50 }, async (_, n) => {
      return await store.append(chain, placeOf(line(1)), [line(2, `of ${n}`)], forEver);
    });
    const appended = await Promise.all(tries);
    expect(appended.filter(Boolean)).toHaveLength(1);
    expect(await store.last(chain)).toEqual(line(2, `of ${appended.indexOf(true)}`));
    expect(numbers(await store.read(chain, whole))).toEqual([1, 2]);
  });

  it('a chain is read in pages from either end, and each page begins behind the one before', async () => {
    const chain = await chainWith(7);
    const pages = async (order: ReadOptions['order']) => {
      const all: number[][] = [];
      for (let after: LinePlace | null = null; all.length < 10;) {
        const page = await store.read(chain, { ...whole, order, after, limit: 3 });
        all.push(numbers(page));
        const last = page.at(-1);
        if (!last) break;
        after = placeOf(last);
      }
      return all;
    };
    expect(await pages('oldest_first')).toEqual([[1, 2, 3], [4, 5, 6], [7], []]);
    expect(await pages('newest_first')).toEqual([[7, 6, 5], [4, 3, 2], [1], []]);
  });

  it('a chain is read within bounds of time, which belong to the period, in either order and on every page', async () => {
    const chain = await chainWith(7);
    const bounds = { fromMs: line(3).recordedAtMs, toMs: line(5).recordedAtMs };
    const read = async (options: Partial<ReadOptions>) =>
      numbers(await store.read(chain, { ...whole, ...bounds, ...options }));
    expect(await read({})).toEqual([3, 4, 5]);
    expect(await read({ order: 'newest_first' })).toEqual([5, 4, 3]);
    expect(await read({ after: placeOf(line(4)) })).toEqual([5]);
    expect(await read({ order: 'newest_first', after: placeOf(line(4)) })).toEqual([3]);
  });

  it('a chain keeps its newest lines, as many as it may and none that are older than they may be', async () => {
    const chain = await chainWith(5);
    await store.append(chain, placeOf(line(5)), lines(6, 7), { lines: 4, fromMs: 0 });
    expect(numbers(await store.read(chain, whole))).toEqual([4, 5, 6, 7]);
    await store.append(chain, placeOf(line(7)), [line(8)], { lines: 100, fromMs: line(6).recordedAtMs });
    expect(numbers(await store.read(chain, whole))).toEqual([6, 7, 8]);
  });

  it('chains do not see each other', async () => {
    const [one, other] = [await chainWith(2), await chainWith(1)];
    expect(await store.append(other, placeOf(line(1)), [line(2, 'of the other')], forEver)).toBe(true);
    expect((await store.read(one, whole)).map(({ text }) => text)).toEqual(['line 1', 'line 2']);
  });
}
