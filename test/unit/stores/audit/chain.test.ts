import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { KeyRing } from '../../../../platform/key-ring.ts';
import { headOf, makeLine, parseLine } from '../../../../stores/audit/line.ts';
import { auditWorld, CHAIN, entry, keyRing } from './world.ts';

const actions = (lines: readonly { readonly action: string }[]) => lines.map(({ action }) => action);
const named = (...names: string[]) => names.map((action) => entry({ action }));

describe('a chain of the audit record', () => {
  it('each line counts up by one and carries the hash of the line before', async () => {
    const world = auditWorld();
    const { chains } = world.newProcess();
    await chains.append(CHAIN, named('one', 'two'));
    await chains.append(CHAIN, named('three'));
    const lines = (await world.texts()).map(
      (text) => JSON.parse(text) as { seq: number; previous: string; hash: string },
    );
    expect(lines.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(lines.map(({ previous }) => previous)).toEqual(['0'.repeat(64), lines[0]?.hash, lines[1]?.hash]);
  });

  it('the hash of a line is what docs/production.md says: SHA-256 of the sorted JSON without hash, keyId and mac', async () => {
    const world = auditWorld();
    await world.newProcess().chains.append(CHAIN, [entry({ address: '2001:db8::1', target: 'Zoë' })]);
    const [text = ''] = await world.texts();
    const { hash, keyId, mac, ...rest } = JSON.parse(text) as Record<string, unknown>;
    const sorted = (value: unknown): unknown =>
      typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .sort(([one], [other]) => (one < other ? -1 : 1))
              .map(([name, member]) => [name, sorted(member)]),
          )
        : value;
    expect(hash).toBe(
      createHash('sha256')
        .update(JSON.stringify(sorted(rest)))
        .digest('hex'),
    );
    expect([keyId, mac]).toEqual(['k1', keyRing.digest('audit', String(hash))]);
  });

  it('two processes append to one chain without a gap, a repeat or a lost entry', async () => {
    const world = auditWorld();
    const [one, other] = [world.newProcess(), world.newProcess()];
    const appended = Array.from({ length: 20 }, async (_, n) => {
      await (n % 2 === 0 ? one : other).chains.append(CHAIN, named(`a${n}`, `b${n}`));
    });
    await Promise.all(appended);
    const seen = actions(await world.lines());
    expect(new Set(seen).size).toBe(40);
    expect(await one.reader.verify('acme')).toMatchObject({ ok: true, checked: 40 });
  });

  it('entries whose append was not answered are appended exactly once when they are repeated', async () => {
    const world = auditWorld();
    const { chains, reader } = world.newProcess();
    await chains.append(CHAIN, named('before'));
    world.losesAnswer = true;
    await expect(chains.append(CHAIN, named('one', 'two'))).rejects.toThrow('away');
    await chains.append(CHAIN, named('one', 'two', 'three'));
    expect(actions(await world.lines())).toEqual(['before', 'one', 'two', 'three']);
    expect(await reader.verify('acme')).toMatchObject({ ok: true });
  });

  it('entries that were never appended are appended when they are repeated, also behind lines of others', async () => {
    const world = auditWorld();
    const [one, other] = [world.newProcess(), world.newProcess()];
    world.isAway = true;
    await expect(one.chains.append(CHAIN, named('mine'))).rejects.toThrow('away');
    world.isAway = false;
    await other.chains.append(CHAIN, named('theirs'));
    await one.chains.append(CHAIN, named('mine'));
    expect(actions(await world.lines())).toEqual(['theirs', 'mine']);
  });

  it('a chain keeps as many lines as it may, and verification begins at the first that is kept', async () => {
    const world = auditWorld();
    const { chains, reader } = world.newProcess(keyRing, { lines: 3, days: 400 });
    for (const name of ['a', 'b', 'c', 'd', 'e']) await chains.append(CHAIN, named(name));
    expect(await reader.verify('acme')).toMatchObject({ ok: true, checked: 3, from: { seq: 3 }, to: { seq: 5 } });
    world.clock.advance(401 * 24 * 3600);
    await chains.append(CHAIN, named('later'));
    expect(actions(await world.lines())).toEqual(['later']);
    expect(await reader.verify('acme')).toMatchObject({ ok: true, checked: 1, from: { seq: 6 } });
  });

  it('lines are never recorded at a time before the line in front of them, also where the clock goes back', async () => {
    const world = auditWorld();
    await world.newProcess().chains.append(CHAIN, named('one'));
    world.clock.advance(-3600);
    await world.newProcess().chains.append(CHAIN, named('two'));
    const [one, two] = (await world.texts()).map((text) => (JSON.parse(text) as { recordedAt: string }).recordedAt);
    expect(two).toBe(one);
  });

  it('a record that was cut off says so in its next line, and until then when it is verified', async () => {
    const world = auditWorld();
    const { chains, reader } = world.newProcess();
    await chains.append(CHAIN, named('one', 'two', 'three'));
    deleteFrom(world.path, 3);
    expect(await reader.verify('acme')).toMatchObject({ ok: false, brokenAt: { seq: 3 } });
    await chains.append(CHAIN, named('four'));
    expect(actions(await world.lines())).toEqual(['one', 'two', 'auditCutOff', 'four']);
    expect(chains.broken).toBe(1);
  });

  it('a line that Mooring did not sign is not followed by a line that vouches for it', async () => {
    const world = auditWorld();
    await world.newProcess().chains.append(CHAIN, named('one'));
    const stranger = KeyRing.parse(KeyRing.generate('unknown'));
    const [first = ''] = await world.texts();
    const head = headOf(parseLine(first) ?? expect.fail());
    await world.put(makeLine(stranger, CHAIN, head, entry({ action: 'forged' }), world.clock.now()), head);
    const { chains, reader } = world.newProcess();
    await chains.append(CHAIN, named('three'));
    expect(await reader.verify('acme')).toMatchObject({ ok: false, brokenAt: { seq: 2 } });
    expect(chains.broken).toBe(1);
  });

  it('a chain that is whole is never counted as broken, also where processes append in turns', async () => {
    const world = auditWorld();
    const [one, two] = [world.newProcess(), world.newProcess()];
    for (const { chains } of [one, two, one]) await chains.append(CHAIN, named('line'));
    expect([one.chains.broken, two.chains.broken]).toEqual([0, 0]);
  });
});

function deleteFrom(path: string, seq: number): void {
  const database = new DatabaseSync(path);
  database.prepare('DELETE FROM lines WHERE seq >= ?').run(seq);
  database.close();
}
