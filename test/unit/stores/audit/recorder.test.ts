import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../../platform/logger.ts';
import type { AuditEntry } from '../../../../stores/audit/line.ts';
import { createAuditRecorder } from '../../../../stores/audit/recorder.ts';
import { auditWorld, entry, silent } from './world.ts';

/** A recorder on a store that fails on command; its timers are started by hand. */
function recorderWorld({ mostWaiting = 1_000, logger = silent } = {}) {
  const world = auditWorld();
  const timers: { work: () => void; ms: number }[] = [];
  const { chains, reader } = world.newProcess();
  const recorder = createAuditRecorder({
    chains,
    clock: world.clock,
    logger,
    mostWaiting,
    later: (work, ms) => timers.push({ work, ms }),
  });
  const read = (changes: Partial<AuditEntry> = {}) => {
    const at = new Date(world.clock.now()).toISOString();
    recorder.record(entry({ at, lastAt: at, ...changes }), { mayRepeat: true });
  };
  const verb = (action: string, changes: Partial<AuditEntry> = {}) =>
    recorder.record(entry({ action, ...changes }), { mayRepeat: false });
  return { world, recorder, reader, timers, read, verb };
}

const told = (lines: readonly AuditEntry[]) => lines.map(({ action, count }) => [action, count]);

describe('entries of the audit record', () => {
  it('entries that come in together are appended in one step, a tenth of a second later', async () => {
    const { world, recorder, timers, verb } = recorderWorld();
    for (let n = 0; n < 150; n += 1) verb(`verb${n}`);
    expect([world.appends, recorder.waiting]).toEqual([0, 150]);
    expect(timers.map(({ ms }) => ms)).toEqual([100]);
    timers[0]?.work();
    await recorder.flush();
    expect([world.appends, recorder.waiting]).toEqual([1, 0]);
    expect(await world.lines()).toHaveLength(150);
  });

  it('each tenant has a chain of its own, and what belongs to no tenant has another', async () => {
    const { world, recorder, verb } = recorderWorld();
    verb('one');
    verb('two', { tenant: 'globex' });
    verb('three', { tenant: null });
    await recorder.flush();
    expect(told(await world.lines('tenant/acme'))).toEqual([['one', 1]]);
    expect(told(await world.lines('tenant/globex'))).toEqual([['two', 1]]);
    expect(told(await world.lines('installation'))).toEqual([['three', 1]]);
  });

  it('a read that is repeated within a minute is one line more, with the number of repeats and their times', async () => {
    const { world, recorder, read } = recorderWorld();
    read();
    await recorder.flush();
    expect(told(await world.lines())).toEqual([['getCredentials', 1]]);
    for (let n = 0; n < 500; n += 1) {
      world.clock.advance(0.1);
      read();
    }
    await recorder.flush();
    expect(await world.lines()).toHaveLength(1);
    world.clock.advance(11);
    await recorder.flush();
    const [first, repeats] = await world.lines();
    expect([first?.count, repeats?.count]).toEqual([1, 500]);
    expect([repeats?.at, repeats?.lastAt]).toEqual(['2026-11-23T08:00:00.100Z', '2026-11-23T08:00:50.000Z']);
    read();
    await recorder.flush();
    expect(told(await world.lines())).toHaveLength(3);
  });

  it('reads that differ in key, address, connection or outcome are lines of their own', async () => {
    const { world, recorder, read } = recorderWorld();
    const others: Partial<AuditEntry>[] = [
      {},
      { actor: { kind: 'key', id: 'other' } },
      { address: '192.0.2.2' },
      { connection: `con_${'b'.repeat(26)}` },
      { outcome: 'refused', status: 403 },
    ];
    for (const other of others) read(other);
    await recorder.flush();
    expect(await world.lines()).toHaveLength(others.length);
  });

  it('a verb that is repeated is a line each time', async () => {
    const { world, recorder, verb } = recorderWorld();
    verb('pause');
    verb('pause');
    await recorder.flush();
    expect(told(await world.lines())).toEqual([
      ['pause', 1],
      ['pause', 1],
    ]);
  });

  it('entries wait while the store is away, and are appended in order once it is back', async () => {
    const { world, recorder, reader, timers, verb } = recorderWorld();
    world.isAway = true;
    verb('one');
    timers[0]?.work();
    await recorder.flush();
    verb('two');
    await recorder.flush();
    expect(recorder.waiting).toBe(2);
    expect(timers.at(-1)?.ms).toBe(2_000);
    world.isAway = false;
    await recorder.flush();
    expect(told(await world.lines())).toEqual([
      ['one', 1],
      ['two', 1],
    ]);
    expect(await reader.verify('acme')).toMatchObject({ ok: true });
  });

  it('entries beyond those that may wait are lost, and the record says how many', async () => {
    const { world, recorder, verb } = recorderWorld({ mostWaiting: 3 });
    world.isAway = true;
    for (let n = 1; n <= 10; n += 1) verb(`verb${n}`);
    await recorder.flush();
    expect([recorder.waiting, recorder.lost]).toEqual([3, 7]);
    world.isAway = false;
    await recorder.flush();
    verb('after');
    await recorder.flush();
    expect(told(await world.lines())).toEqual([
      ['verb1', 1],
      ['verb2', 1],
      ['verb3', 1],
      ['auditLost', 7],
      ['after', 1],
    ]);
  });

  it('closing appends what waits and what is being counted', async () => {
    const { world, recorder, read } = recorderWorld();
    read();
    read();
    read();
    await recorder.close();
    expect(told(await world.lines())).toEqual([
      ['getCredentials', 1],
      ['getCredentials', 2],
    ]);
  });

  it('each entry is a line of the log as well, also while the store is away', async () => {
    const logged: string[] = [];
    const logger = createLogger('audit', 'info', { write: (line) => void logged.push(line) });
    const { world, recorder, verb } = recorderWorld({ logger });
    world.isAway = true;
    verb('pauseConnection', { outcome: 'refused', status: 401, code: 'unauthenticated' });
    await recorder.close();
    const line = logged.map((text) => JSON.parse(text) as Record<string, unknown>).find(({ msg }) => msg === 'audit');
    expect(line).toMatchObject({ audit: true, action: 'pauseConnection', problem: 'unauthenticated', tenant: 'acme' });
    expect(line).toMatchObject({ actor: { kind: 'key', id: 'k' }, address: '192.0.2.1', requestId: 'req_1' });
  });
});
