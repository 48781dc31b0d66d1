import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, it } from 'vitest';

import type { ConnectionRef } from '../../contracts/connection.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import { readChanges, type ChangesQuery, type KeptChange } from '../../stores/inventory/changes-read.ts';
import { keepChanges, keepCounted, type ResourceChange } from '../../stores/inventory/changes.ts';
import type { InventoryChanges } from '../../stores/inventory/port.ts';
import { row } from './inventory.rows.ts';
import { createManualClock } from './manual-clock.ts';

const DAY_SECONDS = 24 * 60 * 60;
const none = { added: [], removed: [], changed: [] };
const added = (...ids: string[]): InventoryChanges => ({ ...none, added: ids.map((id) => row(id)) });
const many = (count: number, length = 10): InventoryChanges =>
  added(...Array.from({ length: count }, (_none, index) => `${index}-`.padEnd(length, 'x')));

/** What the kept changes guarantee on every ephemeral store. */
export function changesContract(open: () => Promise<EphemeralStore>): void {
  const clock = createManualClock();
  let store: EphemeralStore;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(async () => await store.close());

  /** A tenant of this test alone. */
  function world() {
    const tenant = randomUUID();
    const of = (id: string): ConnectionRef => ({ id, tenant, provider: 'ovh', region: 'ovh-eu', method: 'm' });
    let appended = 0;
    const ephemeral: EphemeralStore = {
      ...store,
      append: async (...args) => {
        appended += 1;
        return await store.append(...args);
      },
    };
    const deps = { ephemeral, clock };
    return {
      of,
      deps,
      appended: () => appended,
      one: of(`con_${randomUUID()}`),
      other: of(`con_${randomUUID()}`),
      /** All pages of this size. */
      walk: async (query: Partial<ChangesQuery> = {}, limit = 1_000): Promise<KeptChange[]> => {
        const all: KeptChange[] = [];
        const whole = { sinceMs: null, untilMs: null, connection: undefined, kind: undefined, ...query };
        for (let place = null; ;) {
          const page = await readChanges({ ephemeral: store, clock }, tenant, whole, place, limit);
          expect(page.changes.length).toBeLessThanOrEqual(limit);
          all.push(...page.changes);
          place = page.next;
          if (place === null) return all;
        }
      },
    };
  }

  const idOf = ({ what }: KeptChange): string => ('reason' in what ? what.reason : what.id);

  it('what a list added, removed and changed is kept with what differs, in the order in which it was found', async () => {
    const { deps, one, other, walk } = world();
    const fields = [{ field: 'status', from: 'ACTIVE', to: 'SHUTOFF' }];
    await keepChanges(deps, one, {
      added: [row('a')],
      removed: [row('b')],
      changed: [{ row: row('c', { status: 'SHUTOFF' }), fields }],
    });
    const at = new Date(clock.now()).toISOString();
    clock.advance(60);
    await keepChanges(deps, other, added('d'));
    const kept = await walk();
    expect(kept.map(({ what }) => 'change' in what && [what.change, what.id, what.fields])).toEqual([
      ['added', 'a', []],
      ['removed', 'b', []],
      ['changed', 'c', fields],
      ['added', 'd', []],
    ]);
    expect(kept[0]).toMatchObject({
      at,
      connection: one.id,
      provider: 'ovh',
      what: { kind: 'instance', project: 'p1', name: 'name of a', region: 'GRA11' },
    });
    expect(kept[3]?.connection).toBe(other.id);
  });

  it.each([1, 7, 100, 1_000])('the pages return every change once, %i at a time', async (limit) => {
    const { deps, one, other, walk } = world();
    await keepChanges(deps, one, many(250));
    clock.advance(DAY_SECONDS);
    await keepChanges(deps, other, many(30));
    const kept = await walk({}, limit);
    expect(kept).toHaveLength(280);
    expect(new Set(kept.map(({ id }) => id)).size).toBe(280);
    expect(kept.map(({ at }) => at)).toEqual(kept.map(({ at }) => at).toSorted());
  });

  it('changes are found by time, by connection and by kind', async () => {
    const { deps, one, other, walk } = world();
    await keepChanges(deps, one, added('early'));
    clock.advance(3_600);
    const middle = clock.now();
    await keepChanges(deps, other, { ...none, added: [row('volume', { kind: 'volume' }), row('instance')] });
    clock.advance(2 * DAY_SECONDS);
    await keepChanges(deps, one, added('late'));
    const ids = async (query: Partial<ChangesQuery>) => (await walk(query)).map(idOf);
    expect(await ids({ sinceMs: middle })).toEqual(['volume', 'instance', 'late']);
    expect(await ids({ untilMs: middle })).toEqual(['early']);
    expect(await ids({ sinceMs: middle, untilMs: middle + 1 })).toEqual(['volume', 'instance']);
    expect(await ids({ connection: one.id })).toEqual(['early', 'late']);
    expect(await ids({ kind: 'volume' })).toEqual(['volume']);
    expect(await ids({ kind: 'volume', connection: one.id })).toEqual([]);
  });

  it('changes of another tenant are not among them', async () => {
    const { deps, one } = world();
    await keepChanges(deps, one, added('a'));
    expect(await world().walk()).toEqual([]);
  });

  it('changes are kept for 30 days', async () => {
    const { deps, one, walk } = world();
    await keepChanges(deps, one, added('a'));
    clock.advance(29 * DAY_SECONDS);
    expect(await walk()).toHaveLength(1);
    clock.advance(2 * DAY_SECONDS);
    expect(await walk()).toEqual([]);
  });

  it('a list with a thousand changes costs few calls to the store', async () => {
    const { deps, one, appended, walk } = world();
    await keepChanges(deps, one, many(1_000));
    expect(appended()).toBe(10);
    expect(await walk()).toHaveLength(1_000);
  });

  it('a list of ten thousand is one entry with the number of each kind', async () => {
    const { deps, one, appended, walk } = world();
    await keepChanges(deps, one, many(10_000));
    expect(appended()).toBe(1);
    const [kept, ...others] = await walk();
    expect(others).toEqual([]);
    const kinds = { instance: { added: 10_000, removed: 0, changed: 0 } };
    expect(kept?.what).toEqual({ reason: 'too_many', kinds });
  });

  it('a connection that changes all the time uses up its own share of the day and nothing of the others’', async () => {
    const { deps, one, other, walk } = world();
    for (let times = 0; times < 400; times += 1) await keepChanges(deps, one, many(100));
    const before = await walk({}, 100);
    expect(before.some(({ what }) => 'reason' in what)).toBe(true);
    const bytes = before.reduce((sum, change) => sum + JSON.stringify(change).length, 0);
    expect(bytes).toBeLessThan(1024 * 1024);
    await keepChanges(deps, other, added('heard'));
    expect((await walk({ connection: other.id })).map(idOf)).toEqual(['heard']);
    clock.advance(DAY_SECONDS);
    await keepChanges(deps, one, added('next day'));
    expect((await walk({ connection: one.id })).map(idOf).at(-1)).toBe('next day');
  });

  it('many connections of one tenant together stay within the share of the tenant', async () => {
    const { deps, of, walk } = world();
    for (let index = 0; index < 50; index += 1) await keepChanges(deps, of(`con_${index}`), many(500, 200));
    const kept = await walk();
    const single = kept.flatMap(({ what }): ResourceChange[] => ('change' in what ? [what] : []));
    expect(JSON.stringify(single).length).toBeLessThan(9 * 1024 * 1024);
    expect(kept.filter(({ what }) => 'reason' in what).length).toBeGreaterThan(0);
  });

  it('counts are found by each of their kinds, and then have the counts of that kind alone', async () => {
    const { deps, one, walk } = world();
    const counts = { added: 3, removed: 0, changed: 0 };
    await keepCounted(deps, one, { reason: 'first_discovery', kinds: { instance: counts, volume: counts } });
    expect((await walk({ kind: 'volume' })).map(({ what }) => what)).toEqual([
      { reason: 'first_discovery', kinds: { volume: counts } },
    ]);
    expect(await walk({ kind: 'database' })).toEqual([]);
  });

  it('a long value is kept as its beginning, and at most 20 fields of a change', async () => {
    const { deps, one, walk } = world();
    const fields = Array.from({ length: 30 }, (_none, index) => ({
      field: `summary.f${index}`,
      from: 'x'.repeat(1_000),
      to: { a: [1, 2] },
    }));
    await keepChanges(deps, one, { ...none, changed: [{ row: row('a'), fields }] });
    const [kept] = await walk();
    const shown = kept && 'fields' in kept.what ? kept.what.fields : [];
    expect(shown).toHaveLength(20);
    expect(JSON.stringify(shown[0]?.from).length).toBeLessThan(310);
    expect(shown[0]?.to).toEqual({ a: [1, 2] });
  });

  it('a filter with few matches reads at most some thousand entries for one page', async () => {
    const { deps, of, one } = world();
    let reads = 0;
    const counting: EphemeralStore = {
      ...store,
      readStream: async (...args) => {
        reads += 1;
        return await store.readStream(...args);
      },
    };
    for (let index = 0; index < 2_500; index += 1) await keepChanges(deps, of(`con_${index % 50}`), added('a'));
    const query = { sinceMs: null, untilMs: null, connection: 'con_none', kind: undefined };
    const page = await readChanges({ ephemeral: counting, clock }, one.tenant, query, null, 10);
    expect(page.changes).toEqual([]);
    expect(page.next).not.toBeNull();
    expect(reads).toBeLessThanOrEqual(45);
  });

  it('an invalid cursor of the changes is refused', async () => {
    const query = { sinceMs: null, untilMs: null, connection: undefined, kind: undefined };
    await expect(readChanges({ ephemeral: store, clock }, 'acme', query, ['2026-11-23'], 10)).rejects.toThrow(
      RangeError,
    );
  });
}
