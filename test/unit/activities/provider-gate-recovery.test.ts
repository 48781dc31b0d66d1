import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../platform/clock.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { createSqliteEphemeralStore } from '../../../stores/ephemeral/sqlite.ts';
import { createProviderPauses } from '../../../stores/provider-pauses.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createTestWorker, seededRandom, unreachable, type TestWorker } from '../../support/provider-gate.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { openEmbeddedSecrets } from '../stores/embedded-secrets.ts';

const CONNECTIONS = 5_000;
const TICK_SECONDS = 0.1;
const CALL_SECONDS = 0.2;
const BUCKET_SECONDS = 10;
const SPREAD_SECONDS = 120;
const keyRing = KeyRing.parse(KeyRing.generate());

interface Outage {
  readonly kind: 'cloud' | 'pause';
  readonly seconds: number;
  /** The connections become due within this time from the beginning. */
  readonly dueWithinSeconds: number;
}

/** 5,000 connections on two workers, from the beginning of an outage until each has been served, on a manual clock. */
async function live({ kind, seconds, dueWithinSeconds }: Outage) {
  const clock = createManualClock();
  const startedAtMs = clock.now();
  const nowSeconds = () => (clock.now() - startedAtMs) / 1_000;
  const ephemeral = createSqliteEphemeralStore({ path: join(temporaryFolder(), 'ephemeral.db'), keyRing, clock });
  onTestFinished(async () => await ephemeral.close());
  const secrets = openEmbeddedSecrets(systemClock);
  const pauses = createProviderPauses({ secrets, clock });
  const random = seededRandom(seconds);
  const workers = [1, 2].map(() => createTestWorker({ ephemeral, secrets, clock, random }));

  const due = new Map<number, (() => Promise<void>)[]>();
  let waiting = 0;
  const at = (whenSeconds: number, work: () => Promise<void>): void => {
    const tick = Math.max(Math.ceil(whenSeconds / TICK_SECONDS), Math.round(nowSeconds() / TICK_SECONDS) + 1);
    due.set(tick, [...(due.get(tick) ?? []), work]);
    waiting += 1;
  };
  const served: number[] = [];
  let inVain = 0;
  let asked = 0;
  const isDown = () => kind === 'cloud' && nowSeconds() < seconds;

  const attempt = async (worker: TestWorker): Promise<void> => {
    asked += 1;
    const held = await worker.gate.check('ovh');
    // Temporal gives the next attempt to any worker.
    const next = workers[Math.floor(random() * workers.length)]!;
    if (held) return at((held.retryAtMs - startedAtMs) / 1_000, async () => await attempt(next));
    at(nowSeconds() + CALL_SECONDS, async () => {
      if (!isDown()) {
        served.push(nowSeconds());
        return await worker.gate.note('ovh', 'answered', null, null);
      }
      inVain += 1;
      await worker.gate.note('ovh', 'unavailable', unreachable, null);
      const after = await worker.gate.check('ovh');
      const waitSeconds = after ? (after.retryAtMs - clock.now()) / 1_000 : 15 * (1 + random());
      at(nowSeconds() + waitSeconds, async () => await attempt(next));
    });
  };

  if (kind === 'pause') {
    await pauses.pause('ovh', 'maintenance');
    at(seconds, async () => await pauses.resume('ovh'));
  }
  for (let n = 0; n < CONNECTIONS; n++) at(random() * dueWithinSeconds, async () => await attempt(workers[n % 2]!));
  for (let tick = 1; waiting > 0; tick++) {
    clock.advance(TICK_SECONDS);
    const works = due.get(tick) ?? [];
    due.delete(tick);
    waiting -= works.length;
    for (const work of works) await work();
  }
  return { served, inVain, asked };
}

/** The busiest ten seconds of a recovery compared with its average. */
function peakOverMean(served: readonly number[]): { ratio: number; tookSeconds: number } {
  const first = Math.min(...served);
  const counts = new Map<number, number>();
  for (const when of served) {
    const bucket = Math.floor((when - first) / BUCKET_SECONDS);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  const tookSeconds = Math.max(...served) - first;
  const mean = (served.length / tookSeconds) * BUCKET_SECONDS;
  return { ratio: Math.max(...counts.values()) / mean, tookSeconds };
}

describe('5,000 connections that were held come back without a herd', () => {
  it.each<[string, Outage]>([
    ['an outage of an hour, in which all fell due', { kind: 'cloud', seconds: 3_600, dueWithinSeconds: 3_600 }],
    ['an outage of an hour and half a minute', { kind: 'cloud', seconds: 3_630, dueWithinSeconds: 3_600 }],
    ['an outage of an hour and a minute', { kind: 'cloud', seconds: 3_660, dueWithinSeconds: 3_600 }],
    ['an outage of an hour and a minute and a half', { kind: 'cloud', seconds: 3_690, dueWithinSeconds: 3_600 }],
    [
      'an outage of an hour, at the beginning of which all were due at once',
      { kind: 'cloud', seconds: 3_600, dueWithinSeconds: 1 },
    ],
    ['an outage of ten seconds, in which all were due at once', { kind: 'cloud', seconds: 10, dueWithinSeconds: 1 }],
    ['an outage of a minute, in which all were due at once', { kind: 'cloud', seconds: 60, dueWithinSeconds: 1 }],
    ['an outage of five minutes', { kind: 'cloud', seconds: 300, dueWithinSeconds: 240 }],
    ['a pause of half a minute', { kind: 'pause', seconds: 30, dueWithinSeconds: 1 }],
    ['a pause of ten minutes', { kind: 'pause', seconds: 610, dueWithinSeconds: 1 }],
    ['a pause of an hour', { kind: 'pause', seconds: 3_600, dueWithinSeconds: 3_500 }],
  ])('after %s, all connections are served evenly within two windows', async (_what, outage) => {
    const { served } = await live(outage);
    const { ratio, tookSeconds } = peakOverMean(served);
    expect(served).toHaveLength(CONNECTIONS);
    // At most 2 is required; above 1.5 the spread is no longer even.
    expect(ratio).toBeLessThanOrEqual(1.5);
    expect(tookSeconds).toBeLessThanOrEqual(2 * SPREAD_SECONDS);
  });

  it('all connections are served within six minutes after an outage of an hour that saw fewer than 80 calls', async () => {
    const { served, inVain } = await live({ kind: 'cloud', seconds: 3_600, dueWithinSeconds: 3_600 });
    expect(Math.max(...served) - 3_600).toBeLessThanOrEqual(360);
    expect(inVain).toBeLessThan(80);
  });
});
