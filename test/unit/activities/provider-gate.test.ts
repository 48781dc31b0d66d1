import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../platform/clock.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { Secret } from '../../../platform/secret.ts';
import { createSqliteEphemeralStore } from '../../../stores/ephemeral/sqlite.ts';
import { createProviderPauses } from '../../../stores/provider-pauses.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createTestWorker, interruptible, invalidClient, unreachable } from '../../support/provider-gate.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { openEmbeddedSecrets } from '../stores/embedded-secrets.ts';
import { createFaultySecretStore } from './faulty-secret-store.ts';

const keyRing = KeyRing.parse(KeyRing.generate());

function createWorld() {
  const clock = createManualClock();
  const store = createSqliteEphemeralStore({ path: join(temporaryFolder(), 'ephemeral.db'), keyRing, clock });
  onTestFinished(async () => await store.close());
  const ephemeral = interruptible(store);
  const secrets = createFaultySecretStore(openEmbeddedSecrets(systemClock));
  const worker = createTestWorker({ ephemeral, secrets, clock });
  const answered = async () => await worker.gate.note('ovh', 'answered', null, null);
  const misconfigured = async () => await worker.gate.note('ovh', 'misconfigured', invalidClient, null);
  const later = async (seconds: number) => {
    clock.advance(seconds);
    return await worker.ask();
  };
  return {
    ...worker,
    answered,
    misconfigured,
    later,
    clock,
    ephemeral,
    secrets,
    pauses: createProviderPauses({ secrets, clock }),
  };
}

describe('a provider gate', () => {
  it('a provider gate opens with the fifth call in a row without an answer, and names the reason', async () => {
    const { gate, unanswered, ask, log } = createWorld();
    await unanswered(4);
    expect(await ask()).toBe('ok');
    await unanswered(1);
    expect(await gate.check('ovh')).toMatchObject({ state: 'open', problem: unreachable });
    expect(log()).toContain('"problem":"cloud_unreachable"');
    expect(log()).toContain('Calls to the provider are held.');
  });

  it('a provider gate stays closed where five calls without an answer take longer than half a minute', async () => {
    const { unanswered, ask, clock } = createWorld();
    for (let n = 0; n < 20; n++) {
      await unanswered(1);
      expect(await ask()).toBe('ok');
      clock.advance(8);
    }
  });

  it('a provider gate counts from zero again after an answer', async () => {
    const { unanswered, answered, ask, clock } = createWorld();
    await unanswered(4);
    await answered();
    clock.advance(2);
    await unanswered(4);
    expect(await ask()).toBe('ok');
    await unanswered(1);
    expect(await ask()).toBe('open');
  });

  it('a provider gate stays closed where the cloud answers every tenth call, however many are made', async () => {
    const { unanswered, answered, ask, clock } = createWorld();
    await answered();
    for (let n = 0; n < 300; n++) {
      await unanswered(9);
      await answered();
      expect(await ask()).toBe('ok');
      clock.advance(0.5);
    }
  });

  it('a provider gate opens at once when the cloud refuses our own application, and closes after a later success', async () => {
    const { answered, misconfigured, gate, ask, later } = createWorld();
    await answered();
    await misconfigured();
    expect(await gate.check('ovh')).toMatchObject({ state: 'open', problem: invalidClient });
    expect(await later(15)).toBe('ok');
    expect(await ask()).toBe('open');
    await answered();
    expect(await later(240)).toBe('ok');
  });

  it('a provider gate is not closed by the answer to a call from before it opened', async () => {
    const { answered, misconfigured, later } = createWorld();
    await misconfigured();
    await answered();
    expect(await later(5)).toBe('open');
  });

  it('a provider gate probes after 15 seconds, then at doubled intervals of up to a minute', async () => {
    const { unanswered, ask, later } = createWorld();
    await unanswered(5);
    for (const seconds of [15, 30, 60, 60, 60]) {
      expect(await later(seconds - 0.1)).toBe('open');
      expect(await later(0.1)).toBe('ok');
      expect(await ask()).toBe('open');
      await unanswered(1);
    }
  });

  it.each([
    [600, 600],
    [86_400, 3_600],
    [3, 15],
    [-5, 15],
    [Number.NaN, 15],
  ])('a provider gate that the cloud asks to wait %d seconds probes after %d', async (retryAfterSeconds, expected) => {
    const { gate, unanswered, later, waitSeconds } = createWorld();
    await unanswered(4);
    await gate.note('ovh', 'unavailable', unreachable, retryAfterSeconds);
    expect(await waitSeconds()).toBe(expected + 1);
    const wait = await waitSeconds();
    expect(wait).toBeGreaterThanOrEqual(expected);
    expect(wait).toBeLessThanOrEqual(expected + 120);
    expect(await later(expected - 0.1)).toBe('open');
    expect(await later(0.1)).toBe('ok');
  });

  it('a provider gate makes all callers wait for a probe that is far in the future', async () => {
    const { unanswered, later, gate, waitSeconds } = createWorld();
    await unanswered(5);
    expect(await later(15)).toBe('ok');
    await gate.note('ovh', 'unavailable', unreachable, 1_800);
    for (let n = 0; n < 50; n++) expect(await waitSeconds()).toBeGreaterThanOrEqual(1_800);
  });

  it('a provider gate counts several failures during a probe as one', async () => {
    const { unanswered, later } = createWorld();
    await unanswered(5);
    expect(await later(15)).toBe('ok');
    await unanswered(10);
    expect(await later(29.9)).toBe('open');
    expect(await later(0.1)).toBe('ok');
  });

  it('a provider gate is closed by the answer to a probe, even where an older call failed just before', async () => {
    const { unanswered, answered, later } = createWorld();
    await unanswered(5);
    expect(await later(15)).toBe('ok');
    await unanswered(1);
    await answered();
    expect(await later(240)).toBe('ok');
  });

  it('a provider gate that was closed too early waits longer the next time', async () => {
    const { unanswered, answered, later } = createWorld();
    await unanswered(5);
    expect(await later(15)).toBe('ok');
    await answered();
    expect(await later(3)).toBe('ok');
    await unanswered(5);
    expect(await later(29.9)).toBe('open');
    expect(await later(0.1)).toBe('ok');
  });

  it('a closed provider gate calls the store twice for 1,000 calls in the same second', async () => {
    const { gate, answered, ephemeral } = createWorld();
    for (let n = 0; n < 1_000; n++) {
      await gate.check('ovh');
      await answered();
    }
    expect(ephemeral.calls).toBe(2);
  });

  it('a provider gate opens once for calls that fail together', async () => {
    const { unanswered, misconfigured, log } = createWorld();
    await Promise.all([...Array.from({ length: 20 }, misconfigured), unanswered(20), unanswered(20)]);
    expect(log().match(/Calls to the provider are held/g)).toHaveLength(1);
  });

  it('a provider gate lets one of many concurrent callers through as the probe', async () => {
    const { gate, unanswered, clock } = createWorld();
    await unanswered(5);
    clock.advance(15);
    const replies = await Promise.all(Array.from({ length: 100 }, async () => await gate.check('ovh')));
    expect(replies.filter((held) => held === undefined)).toHaveLength(1);
  });
});

describe('a provider gate without the ephemeral store', () => {
  it('a provider gate without the ephemeral store works alone, and logs that once', async () => {
    const { unanswered, ask, later, answered, ephemeral, log } = createWorld();
    ephemeral.down = true;
    expect(await ask()).toBe('ok');
    await unanswered(5);
    expect(await ask()).toBe('open');
    expect(await later(14.9)).toBe('open');
    expect(await later(0.1)).toBe('ok');
    expect(await ask()).toBe('open');
    await answered();
    expect(await later(240)).toBe('ok');
    expect(log().match(/goes on by itself/g)).toHaveLength(1);
  });

  it('a provider gate stays open where the store becomes unavailable', async () => {
    const { unanswered, ask, later, ephemeral } = createWorld();
    await unanswered(5);
    expect(await ask()).toBe('open');
    ephemeral.down = true;
    expect(await later(5)).toBe('open');
  });

  it('a provider gate calls an unavailable store once in five seconds, not with each call', async () => {
    const { gate, ephemeral, clock } = createWorld();
    ephemeral.down = true;
    for (let second = 0; second < 20; second++) {
      for (let n = 0; n < 10; n++) await gate.check('ovh');
      clock.advance(1);
    }
    expect(ephemeral.calls).toBe(4);
  });

  it('a provider gate shares its state again once the store is back', async () => {
    const { ask, later, misconfigured, ephemeral, secrets, clock, log } = createWorld();
    ephemeral.down = true;
    expect(await ask()).toBe('ok');
    ephemeral.down = false;
    expect(await later(6)).toBe('ok');
    expect(log()).toContain('answers again');
    await misconfigured();
    expect(await createTestWorker({ ephemeral, secrets, clock }).ask()).toBe('open');
  });
});

describe('a provider that an operator has paused', () => {
  it('a paused provider is held within five seconds with the reason, even where its cloud answers', async () => {
    const { gate, ask, answered, pauses, later } = createWorld();
    expect(await ask()).toBe('ok');
    await pauses.pause('ovh', 'maintenance until noon');
    await answered();
    expect(await later(5)).toBe('paused');
    const held = await gate.check('ovh');
    expect(held?.problem).toMatchObject({
      code: 'provider_paused',
      message: expect.stringContaining('maintenance until noon'),
      remedy: expect.stringContaining('/v1/providers/ovh/resume'),
    });
    expect(await gate.check('aws')).toBeUndefined();
  });

  it('a paused provider without answers makes no probe, and is probed at once when it is resumed', async () => {
    const { unanswered, ask, later, pauses } = createWorld();
    await pauses.pause('ovh', null);
    await unanswered(5);
    expect(await ask()).toBe('paused');
    expect(await later(60)).toBe('paused');
    await pauses.resume('ovh');
    expect(await later(5)).toBe('ok');
    expect(await ask()).toBe('open');
  });

  it('a paused provider stays paused while the secret store is unavailable, and no other provider is paused', async () => {
    const { gate, ask, later, pauses, secrets, log } = createWorld();
    await pauses.pause('ovh', null);
    expect(await ask()).toBe('paused');
    secrets.down = true;
    expect(await later(60)).toBe('paused');
    expect(await gate.check('aws')).toBeUndefined();
    expect(log().match(/is not known/g)).toHaveLength(1);
  });

  it('a provider is not paused by an unreadable pause, which is logged once', async () => {
    const { ask, later, secrets, log, pauses } = createWorld();
    await pauses.pause('ovh', null);
    await secrets.write('config', 'providers/ovh', new Secret({ paused: 'perhaps' }));
    expect(await ask()).toBe('ok');
    expect(await later(6)).toBe('ok');
    expect(log().match(/is not known/g)).toHaveLength(1);
  });

  it('a resumed provider lets some callers in at once, and all within two windows', async () => {
    const { gate, later, clock, pauses } = createWorld();
    await pauses.pause('ovh', null);
    expect(await later(600)).toBe('paused');
    await pauses.resume('ovh');
    clock.advance(5);
    const replies = await Promise.all(Array.from({ length: 1_000 }, async () => await gate.check('ovh')));
    const held = replies.flatMap((reply) => (reply ? [reply.retryAtMs - clock.now()] : []));
    expect(replies.find((reply) => reply)).toMatchObject({ state: 'open', problem: { code: 'provider_recovering' } });
    expect(held.length).toBeGreaterThan(300);
    expect(held.length).toBeLessThan(700);
    expect(Math.max(...held)).toBeLessThanOrEqual(240_000);
    expect(await later(240)).toBe('ok');
  });
});
