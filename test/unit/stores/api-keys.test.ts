import { describe, expect, it } from 'vitest';

import { Secret } from '../../../platform/secret.ts';
import { apiKeyScopes, createApiKeys, type NewApiKey } from '../../../stores/api-keys.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { openEmbeddedSecrets } from './embedded-secrets.ts';

function setUp() {
  const clock = createManualClock();
  const secrets = openEmbeddedSecrets(clock);
  return { clock, secrets, apiKeys: createApiKeys({ secrets, clock }) };
}

const input: NewApiKey = { tenant: 'acme', scopes: ['connections:read', 'admin'], name: 'CI', expiresAt: null };

describe('API keys', () => {
  it('a created API key is verified, with its tenant and its scopes', async () => {
    const { apiKeys } = setUp();
    const { key, apiKey } = await apiKeys.create(input);
    expect(key.reveal()).toMatch(/^mrg_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/);
    expect(await apiKeys.verify(key)).toEqual(apiKey);
    expect(apiKey).toEqual({ id: key.reveal().slice(4, 20), ...input, createdAt: '2026-11-23T08:00:00.000Z' });
  });

  it('each API key has its own ID and its own secret', async () => {
    const { apiKeys } = setUp();
    const keys = await Promise.all(Array.from({ length: 20 }, async () => (await apiKeys.create(input)).key.reveal()));
    expect(new Set(keys.map((key) => key.slice(4, 20))).size).toBe(20);
    expect(new Set(keys.map((key) => key.slice(21))).size).toBe(20);
  });

  it('an API key is stored as a hash, never with its secret', async () => {
    const { apiKeys, secrets } = setUp();
    const { key, apiKey } = await apiKeys.create(input);
    const stored = await secrets.read('config', `api-keys/${apiKey.id}`);
    expect(JSON.stringify(stored?.data.reveal())).not.toContain(key.reveal().slice(21));
    expect(stored?.data.reveal()['secretSha256']).toMatch(/^[0-9a-f]{64}$/);
  });

  it('a key that is malformed, unknown, mixed from two keys or wrong in one character is not verified', async () => {
    const { apiKeys } = setUp();
    const [mine, other] = [(await apiKeys.create(input)).key.reveal(), (await apiKeys.create(input)).key.reveal()];
    const wrong = [
      '',
      'mrg_',
      mine.slice(0, -1),
      `${mine}x`,
      ` ${mine}`,
      mine.toUpperCase(),
      mine.slice(0, 21) + other.slice(21),
      mine.slice(0, -1) + (mine.endsWith('A') ? 'E' : 'A'),
      `mrg_${'0'.repeat(16)}_${mine.slice(21)}`,
      `mrg_../../live/con_a_${mine.slice(21)}`,
    ];
    for (const presented of wrong) expect(await apiKeys.verify(new Secret(presented))).toBeUndefined();
    expect(await apiKeys.verify(new Secret(mine))).toBeDefined();
  });

  it('an API key is verified until the moment at which it expires', async () => {
    const { apiKeys, clock } = setUp();
    const { key } = await apiKeys.create({ ...input, expiresAt: '2026-11-23T09:00:00.000Z' });
    clock.advance(3_599);
    expect(await apiKeys.verify(key)).toBeDefined();
    clock.advance(1);
    expect(await apiKeys.verify(key)).toBeUndefined();
  });

  it('a tenant can revoke its own API key for good, and no key of another tenant', async () => {
    const { apiKeys } = setUp();
    const { key, apiKey } = await apiKeys.create(input);
    expect(await apiKeys.revoke('other', apiKey.id)).toBe(false);
    expect(await apiKeys.verify(key)).toBeDefined();
    expect(await apiKeys.revoke('acme', apiKey.id)).toBe(true);
    expect(await apiKeys.verify(key)).toBeUndefined();
    expect(await apiKeys.revoke('acme', apiKey.id)).toBe(false);
    expect(await apiKeys.revoke('acme', '../tenants/acme')).toBe(false);
  });

  it('the list of API keys has all keys of the tenant alone, without their secrets', async () => {
    const { apiKeys } = setUp();
    const [first, second] = [await apiKeys.create(input), await apiKeys.create({ ...input, name: 'laptop' })];
    await apiKeys.create({ ...input, tenant: 'other' });
    const listed = await apiKeys.list('acme');
    expect(listed).toHaveLength(2);
    expect(listed).toEqual(expect.arrayContaining([first.apiKey, second.apiKey]));
    expect(await apiKeys.list('nobody')).toEqual([]);
  });

  it('an API key whose stored document is invalid is not verified', async () => {
    const { apiKeys, secrets } = setUp();
    const { key, apiKey } = await apiKeys.create({ ...input, scopes: apiKeyScopes });
    const place = `api-keys/${apiKey.id}`;
    const document = (await secrets.read('config', place))!.data.reveal();
    await secrets.write('config', place, new Secret({ ...document, scopes: ['everything'] }));
    expect(await apiKeys.verify(key)).toBeUndefined();
  });
});
