import { describe, expect, it } from 'vitest';

import { Secret } from '../../../platform/secret.ts';
import { createApiKeys, isExpired, parseApiKey, type NewApiKey } from '../../../stores/api-keys.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { openEmbeddedSecrets } from './embedded-secrets.ts';

function setUp() {
  const clock = createManualClock();
  const secrets = openEmbeddedSecrets(clock);
  return { clock, secrets, apiKeys: createApiKeys({ secrets, clock }) };
}

const input: NewApiKey = { tenant: 'acme', scopes: ['connections:read', 'admin'], name: 'CI', expiresAt: null };

describe('API keys', () => {
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

  it.each([
    ['is empty', () => ''],
    ['has no ID', () => 'mrg_'],
    ['is too short', (key: string) => key.slice(0, -1)],
    ['is too long', (key: string) => `${key}x`],
    ['begins with a space', (key: string) => ` ${key}`],
    ['is in capitals', (key: string) => key.toUpperCase()],
    ['leads out of its folder', (key: string) => `mrg_../../live/con_a_${key.slice(21)}`],
  ])('a text that %s is no API key', async (_what, changed) => {
    const { apiKeys } = setUp();
    const key = (await apiKeys.create(input)).key.reveal();
    expect(parseApiKey(key)).toEqual({ id: key.slice(4, 20), secret: key.slice(21) });
    expect(parseApiKey(changed(key))).toBeUndefined();
  });

  it('an API key expires at the moment that it names', () => {
    const expiresAt = '2026-11-23T09:00:00.000Z';
    expect(isExpired({ expiresAt }, Date.parse(expiresAt) - 1)).toBe(false);
    expect(isExpired({ expiresAt }, Date.parse(expiresAt))).toBe(true);
    expect(isExpired({ expiresAt: null }, Date.parse(expiresAt))).toBe(false);
  });

  it.each([
    ['an unknown scope', { scopes: ['everything'] }],
    ['an operator’s scope for a tenant', { scopes: ['connections:read', 'operator:decode'] }],
    ['a tenant’s scope for an operator', { tenant: null, scopes: ['admin'] }],
    ['a tenant that is no tenant', { tenant: '../acme' }],
    ['no list of addresses', { allowedAddresses: null }],
  ])('a stored API key with %s does not count', async (_what, change) => {
    const { apiKeys, secrets } = setUp();
    const { apiKey } = await apiKeys.create(input);
    const place = `api-keys/${apiKey.id}`;
    const document = (await secrets.read('config', place))!.data.reveal();
    await secrets.write('config', place, new Secret({ ...document, ...change }));
    expect(await apiKeys.read(apiKey.id)).toBeUndefined();
    expect((await apiKeys.page('acme', { limit: 10, after: null })).keys).toEqual([]);
  });
});
