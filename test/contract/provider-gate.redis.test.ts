import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { systemClock } from '../../platform/clock.ts';
import { Secret } from '../../platform/secret.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import { createRedisEphemeralStore } from '../../stores/ephemeral/redis.ts';
import { createTestWorker } from '../support/provider-gate.ts';
import { openEmbeddedSecrets } from '../unit/stores/embedded-secrets.ts';
import { createManualClock } from './manual-clock.ts';
import { providerGateContract } from './provider-gate.contract.ts';

const { redis: component } = inject('components');

describe.skipIf(component === null)('the provider gate on Redis', () => {
  const openTwo = () => {
    const keyPrefix = `contract-${randomUUID()}:`;
    const open = () => {
      const store = createRedisEphemeralStore({ url: new Secret(component!.url), keyPrefix });
      onTestFinished(async () => await store.close());
      return store;
    };
    const admin = new Redis(component!.url, { keyPrefix });
    onTestFinished(() => admin.disconnect());
    return { stores: [open(), open()] as const, admin };
  };

  providerGateContract(async () => {
    const clock = createManualClock();
    const { stores, admin } = openTwo();
    const letPass = async (key: string, seconds: number) => {
      const leftMs = await admin.pttl(key);
      expect(leftMs).toBeGreaterThan(0);
      expect(leftMs).toBeLessThanOrEqual(seconds * 1_000);
      await admin.pexpire(key, 0);
      clock.advance(seconds);
    };
    return { stores, clock, letPass };
  });

  it('the provider gate still opens where Redis holds a value that is not JSON', async () => {
    const clock = createManualClock();
    const { stores, admin } = openTwo();
    const [one, other] = stores.map((ephemeral) =>
      createTestWorker({ ephemeral, secrets: openEmbeddedSecrets(systemClock), clock }),
    );
    await admin.set(ephemeralKeys.providerGate('ovh'), '{not json');
    expect(await one!.ask()).toBe('ok');
    await one!.unanswered(5);
    expect(await one!.ask()).toBe('open');
    expect(await other!.ask()).toBe('open');
  });
});
