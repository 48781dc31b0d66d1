import { expect, it } from 'vitest';
import type { LinePlace } from '../../../../stores/audit/port.ts';
import { auditWorld, CHAIN, entry } from './world.ts';

const always = { fromMs: null, toMs: null };

it('pages of the audit record go from the newest line to the oldest, and leave none out', async () => {
  const world = auditWorld();
  const { chains, reader } = world.newProcess();
  await chains.append(
    CHAIN,
    Array.from({ length: 7 }, (_, n) => entry({ action: `a${n}` })),
  );
  const pages: string[][] = [];
  let after: LinePlace | null = null;
  do {
    const page = await reader.page('acme', always, after, 3);
    pages.push(page.lines.map(({ action }) => action));
    after = page.next;
  } while (after);
  expect(pages).toEqual([['a6', 'a5', 'a4'], ['a3', 'a2', 'a1'], ['a0']]);
});

it('the audit record is filtered by actor, action, connection, outcome and time', async () => {
  const world = auditWorld();
  const { chains, reader } = world.newProcess();
  const connection = `con_${'b'.repeat(26)}`;
  await chains.append(CHAIN, [entry({ action: 'early' })]);
  world.clock.advance(60);
  const noonMs = world.clock.now();
  await chains.append(CHAIN, [
    entry({ action: 'one', actor: { kind: 'customer', id: 'c' } }),
    entry({ action: 'two', connection }),
    entry({ action: 'three', outcome: 'refused', actor: null }),
  ]);
  const read = async (filter: object) => {
    const { lines } = await reader.page('acme', { ...always, ...filter }, null, 50);
    return lines.map(({ action }) => action);
  };
  expect(await read({ actor: 'c' })).toEqual(['one']);
  expect(await read({ action: 'two' })).toEqual(['two']);
  expect(await read({ connection })).toEqual(['two']);
  expect(await read({ outcome: 'refused' })).toEqual(['three']);
  expect(await read({ toMs: noonMs - 1 })).toEqual(['early']);
  expect(await read({ fromMs: noonMs })).toEqual(['three', 'two', 'one']);
  expect(await read({ actor: 'c', outcome: 'refused' })).toEqual([]);
});

it('a tenant reads nothing of another tenant or of the installation', async () => {
  const world = auditWorld();
  const { chains, reader } = world.newProcess();
  await chains.append(CHAIN, [entry()]);
  await chains.append('installation', [entry({ tenant: null })]);
  expect((await reader.page('globex', always, null, 50)).lines).toEqual([]);
  expect((await reader.page(null, always, null, 50)).lines).toMatchObject([{ chain: 'installation' }]);
});

it('one page reads only so much, and a filter that matches little still comes to its line on a later one', async () => {
  const world = auditWorld();
  const { chains, reader } = world.newProcess(undefined, { lines: 10_000, days: 400 });
  await chains.append(CHAIN, [entry({ action: 'rare' })]);
  await chains.append(
    CHAIN,
    Array.from({ length: 6_000 }, () => entry()),
  );
  const first = await reader.page('acme', { ...always, action: 'rare' }, null, 50);
  expect(first.lines).toEqual([]);
  const second = await reader.page('acme', { ...always, action: 'rare' }, first.next, 50);
  expect(second).toMatchObject({ lines: [{ action: 'rare' }], next: null });
});
