import { beforeAll, expect, it } from 'vitest';

import { createApiKeys, parseApiKey, type ApiKeys, type NewApiKey } from '../../stores/api-keys.ts';
import { SecretStoreConflict, type SecretStore } from '../../stores/secrets/port.ts';
import { createManualClock } from './manual-clock.ts';

const keysOf = async (apiKeys: ApiKeys, tenant: string | null) =>
  (await apiKeys.page(tenant, { limit: 100, after: null })).keys;

const ofAcme = { tenant: 'acme', scopes: ['connections:read'], name: 'CI', expiresAt: null } satisfies NewApiKey;
const expiring = {
  ...ofAcme,
  createdBy: 'aaaaaaaaaaaaaaaa',
  expiresAt: '2027-02-21T08:00:00.000Z',
  allowedAddresses: ['192.0.2.0/24', '2001:db8::1'],
} satisfies NewApiKey;

/** What API keys guarantee on every secret store, with the rights of the API. */
export function apiKeysContract(open: () => Promise<SecretStore>): void {
  let apiKeys: ApiKeys;
  beforeAll(async () => {
    apiKeys = createApiKeys({ secrets: await open(), clock: createManualClock() });
  });
  const secretOf = (key: { reveal(): string }): string => parseApiKey(key.reveal())?.secret ?? '';

  it('an API key is read with the facts that it was made with, and knows its own secret alone', async () => {
    const [made, other] = [await apiKeys.create(expiring), await apiKeys.create(expiring)];
    const stored = await apiKeys.read(made.apiKey.id);
    expect(stored?.apiKey).toEqual({
      ...expiring,
      id: parseApiKey(made.key.reveal())?.id,
      createdAt: '2026-11-23T08:00:00.000Z',
      replacedBy: null,
    });
    const secret = secretOf(made.key);
    const wrong = [secretOf(other.key), secret.slice(0, -1), secret.slice(0, -1) + (secret.endsWith('A') ? 'E' : 'A')];
    expect([secret, ...wrong].map((each) => stored?.isSecret(each))).toEqual([true, false, false, false]);
  });

  it('an ID that is unknown or malformed has no API key', async () => {
    for (const id of ['0'.repeat(16), '', '../tenants/acme']) expect(await apiKeys.read(id)).toBeUndefined();
  });

  it('the list of API keys has those of one tenant, or those of the operators, and no others', async () => {
    const [first, second] = [
      await apiKeys.create({ ...ofAcme, tenant: 'lister' }),
      await apiKeys.create({ ...ofAcme, tenant: 'lister' }),
    ];
    const operators = await apiKeys.create({ tenant: null, scopes: ['operator:keys'], name: 'CI', expiresAt: null });
    const listed = await keysOf(apiKeys, 'lister');
    expect(listed).toHaveLength(2);
    expect(listed).toEqual(expect.arrayContaining([first.apiKey, second.apiKey]));
    expect(await keysOf(apiKeys, null)).toEqual([operators.apiKey]);
    expect(await keysOf(apiKeys, 'nobody')).toEqual([]);
    expect(await apiKeys.ids()).toEqual(expect.arrayContaining([first.apiKey.id, operators.apiKey.id]));
  });

  it('pages of API keys have each wanted key once, in the order of their ids', async () => {
    const ids: string[] = [];
    for (const name of ['a', 'b', 'unwanted', 'c', 'd', 'e']) {
      const { apiKey } = await apiKeys.create({ ...ofAcme, tenant: 'pager', name });
      if (name !== 'unwanted') ids.push(apiKey.id);
    }
    const isWanted = ({ name }: { readonly name: string }): boolean => name !== 'unwanted';
    const pages: string[][] = [];
    let after: string | null = null;
    do {
      const { keys, next } = await apiKeys.page('pager', { limit: 2, after, isWanted });
      pages.push(keys.map(({ id }) => id));
      after = next;
    } while (after !== null);
    expect(pages.map(({ length }) => length)).toEqual([2, 2, 1]);
    expect(pages.flat()).toEqual(ids.toSorted());
  });

  it('a revoked API key is gone for good, and revoking it again does no harm', async () => {
    const { apiKey } = await apiKeys.create(ofAcme);
    for (let times = 0; times < 2; times += 1) await apiKeys.revoke(apiKey.id);
    expect(await apiKeys.read(apiKey.id)).toBeUndefined();
    expect(await apiKeys.ids()).not.toContain(apiKey.id);
  });

  const rotation = { createdBy: 'bbbbbbbbbbbbbbbb', expiresAt: null, oldExpiresAt: '2026-11-24T08:00:00.000Z' };

  it('a rotation makes a key with the same rights, and lets the old one expire', async () => {
    const { apiKey } = await apiKeys.create(expiring);
    const old = (await apiKeys.read(apiKey.id))!;
    const made = await apiKeys.rotate(old, rotation);
    const { id, createdBy, expiresAt, ...rights } = made.apiKey;
    expect([createdBy, expiresAt]).toEqual([rotation.createdBy, null]);
    expect(rights).toEqual({ ...apiKey, id: undefined, createdBy: undefined, expiresAt: undefined });
    expect((await apiKeys.read(id))?.isSecret(secretOf(made.key))).toBe(true);
    expect((await apiKeys.read(apiKey.id))?.apiKey).toEqual({
      ...apiKey,
      expiresAt: rotation.oldExpiresAt,
      replacedBy: id,
    });
  });

  it('of two rotations of a key at the same time one succeeds, and the other leaves no key behind', async () => {
    const { apiKey } = await apiKeys.create({ ...ofAcme, tenant: 'racer' });
    const old = (await apiKeys.read(apiKey.id))!;
    const outcomes = await Promise.allSettled([apiKeys.rotate(old, rotation), apiKeys.rotate(old, rotation)]);
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    expect(refused).toEqual([expect.any(SecretStoreConflict)]);
    expect(await keysOf(apiKeys, 'racer')).toHaveLength(2);
  });

  it('a key that was revoked meanwhile is not rotated, and no key is made', async () => {
    const { apiKey } = await apiKeys.create({ ...ofAcme, tenant: 'leaver' });
    const old = (await apiKeys.read(apiKey.id))!;
    await apiKeys.revoke(apiKey.id);
    await expect(apiKeys.rotate(old, rotation)).rejects.toThrow(SecretStoreConflict);
    expect(await keysOf(apiKeys, 'leaver')).toEqual([]);
  });
}
