import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, onTestFinished, test } from 'vitest';

import { createAttemptRecorder } from '../../../activities/attempts.ts';
import type { AttemptStep, CallOutcome, CloudCall } from '../../../contracts/attempts.ts';
import type { ConnectionRef } from '../../../contracts/connection.ts';
import { createLogger } from '../../../platform/logger.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { calling, currentWatch } from '../../../providers/http/call-watch.ts';
import { createAttempts, keptAttempts } from '../../../stores/attempts.ts';
import type { EphemeralStore } from '../../../stores/ephemeral/port.ts';
import { createSqliteEphemeralStore } from '../../../stores/ephemeral/sqlite.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { interruptible } from '../../support/provider-gate.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const connectionOf = (letter: string): ConnectionRef => ({
  id: `con_${letter.repeat(26)}`,
  tenant: 'acme',
  provider: 'ovh',
  region: 'ovh-eu',
  method: 'authorization_code',
});
const input = { connection: connectionOf('a') };
const { id } = input.connection;

/** A call of the cloud's, as the HTTP client reports it. */
function call(outcome: CallOutcome, more: Partial<CloudCall> = {}): void {
  const watch = currentWatch();
  if (!watch || (outcome === 'ok' && !watch.wantsGood)) return;
  const nothing = { status: null, cloudCode: null, cloudRequestId: null, message: null };
  const { operation, step } = watch;
  watch.report({ operation, host: 'cloud.example', outcome, ...nothing, durationMs: 250, ...more }, step);
}

function recording(changes: Partial<Pick<EphemeralStore, 'append'>> = {}) {
  const clock = createManualClock();
  const keyRing = KeyRing.parse(KeyRing.generate());
  const path = join(temporaryFolder(), 'ephemeral.db');
  const ephemeral = interruptible(createSqliteEphemeralStore({ path, keyRing, clock }));
  onTestFinished(async () => {
    ephemeral.down = false;
    await ephemeral.close();
  });
  const recorded = createAttemptRecorder({
    ephemeral: changes.append ? { ...ephemeral, append: changes.append } : ephemeral,
    clock,
    logger: createLogger('worker', 'silent'),
  });
  /** Runs work as an activity of that step. */
  const run = async <T>(
    step: AttemptStep,
    work: () => T | Promise<T>,
    { attempt = 1, ordinary = false, of = input } = {},
  ): Promise<T> => {
    const activity = recorded(
      step,
      async () => await work(),
      () => ordinary,
    );
    return await new MockActivityEnvironment({ attempt }).run(activity, of);
  };
  return { clock, ephemeral, run, read: async (of = id) => await createAttempts(ephemeral).read(of) };
}

test('a call is kept with its step, its time and the try that made it, the newest first', async () => {
  const { clock, run, read } = recording();
  const startedAt = new Date(clock.now() - 250).toISOString();
  await run('proof', () => call('refused', { cloudRequestId: 'req-1' }), { attempt: 3 });
  clock.advance(60);
  await run('verify', () => call('ok'));
  expect(await read()).toMatchObject([
    { step: 'verify', operation: 'account.read', outcome: 'ok', attempt: 1 },
    {
      step: 'proof',
      operation: 'account.read',
      outcome: 'refused',
      cloudRequestId: 'req-1',
      attempt: 3,
      at: startedAt,
    },
  ]);
});

test('a part of the work may be another step', async () => {
  const { run, read } = recording();
  await run('exchange', () => calling({ step: 'proof', operation: 'projects.list' }, () => call('refused')));
  expect(await read()).toMatchObject([{ step: 'proof', operation: 'projects.list' }]);
});

test('good calls of ordinary work are not kept, and its failures are', async () => {
  const { run, read } = recording();
  await run('renewal', () => call('ok'), { ordinary: true });
  expect(await read()).toEqual([]);
  await run('renewal', () => call('timed_out'), { ordinary: true });
  expect(await read()).toMatchObject([{ outcome: 'timed_out' }]);
});

test('a store that is away, or does not answer, neither fails the work nor delays it', async () => {
  const { ephemeral, run, read } = recording();
  ephemeral.down = true;
  expect(await run('renewal', () => (call('refused'), 'renewed'))).toBe('renewed');
  ephemeral.down = false;
  expect(await read()).toEqual([]);
  const { promise: never } = Promise.withResolvers<string>();
  const hanging = recording({ append: async () => await never });
  expect(await hanging.run('renewal', () => (call('refused'), 'renewed'))).toBe('renewed');
});

test('connections that work at the same time are not mixed up', async () => {
  const { run, read } = recording();
  const letters = ['b', 'c', 'd'];
  const turn = async (letter: string) => {
    await Promise.resolve();
    call('refused', { cloudRequestId: letter });
  };
  await Promise.all(
    letters.map(async (letter) => await run('proof', () => turn(letter), { of: { connection: connectionOf(letter) } })),
  );
  for (const letter of letters) {
    expect(await read(connectionOf(letter).id)).toMatchObject([{ cloudRequestId: letter }]);
  }
});

test('one piece of work keeps so many calls and no more, and good ones take no room from failures', async () => {
  const { run, read } = recording();
  await run('proof', () => {
    for (let page = 0; page < 40; page += 1) call('ok');
    for (let page = 0; page < 40; page += 1) call('refused');
  });
  const kept = await read();
  expect(
    Object.entries(Object.groupBy(kept, ({ outcome }) => outcome)).map(([name, all]) => [name, all?.length]),
  ).toEqual([
    ['refused', 20],
    ['ok', 10],
  ]);
});

test('what fails alike in one discovery is kept once', async () => {
  const { run, read } = recording();
  await run('discovery', () => {
    for (let project = 0; project < 300; project += 1) call('refused', { cloudCode: 'SERVICE_DISABLED' });
    call('refused', { cloudCode: 'PERMISSION_DENIED' });
  });
  expect((await read()).map(({ cloudCode }) => cloudCode)).toEqual(['PERMISSION_DENIED', 'SERVICE_DISABLED']);
});

test('the newest are kept, and lists push nothing else out', async () => {
  const { clock, run, read } = recording();
  await run('exchange', () => call('ok'));
  for (let pass = 0; pass < 12; pass += 1) {
    clock.advance(1);
    await run('discovery', () => {
      for (let list = 0; list < 20; list += 1) call('refused', { cloudCode: `${pass}-${list}` });
    });
  }
  const kept = await read();
  expect(kept).toHaveLength(keptAttempts.mostOfLists + 1);
  expect(kept.at(-1)).toMatchObject({ step: 'exchange' });
  expect(kept[0]).toMatchObject({ cloudCode: '11-19' });
  for (let retry = 0; retry < 150; retry += 1) {
    clock.advance(1);
    await run('renewal', () => call('refused', { cloudCode: `retry ${retry}` }));
  }
  const renewals = (await read()).filter(({ step }) => step !== 'discovery');
  expect(renewals).toHaveLength(keptAttempts.most);
  expect(renewals[0]).toMatchObject({ cloudCode: 'retry 149' });
});

test('calls are forgotten a while after the last one', async () => {
  const { clock, run, read } = recording();
  await run('exchange', () => call('ok'));
  clock.advance(keptAttempts.days * 24 * 3600 + 1);
  expect(await read()).toEqual([]);
});
