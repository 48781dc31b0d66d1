import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { Secret } from '../../platform/secret.ts';
import { anyFreePort } from '../../scripts/dev/ports.ts';
import { createRedisAuditStore } from '../../stores/audit/redis.ts';
import { EphemeralStoreUnavailable } from '../../stores/ephemeral/port.ts';
import { auditStoreContract } from './audit-store.contract.ts';

const { redis: component } = inject('components');

describe.skipIf(component === null)('the audit store on Redis', () => {
  const keyPrefix = `contract-${randomUUID()}:`;
  auditStoreContract(async () => createRedisAuditStore({ url: new Secret(component!.url), keyPrefix }));

  it('all keys of a chain are in one slot of a Redis Cluster, and the audit record never expires as a whole', async () => {
    const store = createRedisAuditStore({ url: new Secret(component!.url), keyPrefix });
    const redis = new Redis(component!.url);
    onTestFinished(async () => {
      redis.disconnect();
      await store.close();
    });
    await store.append('tenant/acme', null, [{ seq: 1, recordedAtMs: 1, text: '{}' }], { lines: 9, fromMs: 0 });
    const keys = await redis.keys(`${keyPrefix}*acme*`);
    expect(keys).toEqual([`${keyPrefix}audit:{tenant/acme}`]);
    expect(await redis.pttl(keys[0]!)).toBe(-1);
  });
});

describe('the audit store on a Redis that does not answer', () => {
  it('the audit store says at once that it is unavailable, without the password of its address', async () => {
    const url = new Secret(`redis://user:canary@127.0.0.1:${await anyFreePort()}/0`);
    const store = createRedisAuditStore({ url, timeoutMs: 200 });
    onTestFinished(async () => await store.close());
    const error: unknown = await store.last('tenant/acme').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EphemeralStoreUnavailable);
    expect(String(error)).not.toContain('canary');
  });
});
