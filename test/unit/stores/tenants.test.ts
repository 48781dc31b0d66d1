import { describe, expect, it } from 'vitest';

import { systemClock } from '../../../platform/clock.ts';
import { createTenants } from '../../../stores/tenants.ts';
import { openEmbeddedSecrets } from './embedded-secrets.ts';

const acme = { displayName: 'Acme GmbH', platformRedirectUris: ['https://app.acme.example/done'] };

describe('tenants', () => {
  it('a tenant is read as it was last written', async () => {
    const tenants = createTenants({ secrets: openEmbeddedSecrets(systemClock) });
    expect(await tenants.read('acme')).toBeUndefined();
    await tenants.write('acme', { displayName: 'Acme', platformRedirectUris: [] });
    await tenants.write('acme', acme);
    expect(await tenants.read('acme')).toEqual(acme);
  });

  it('tenants are listed in the order of their IDs', async () => {
    const tenants = createTenants({ secrets: openEmbeddedSecrets(systemClock) });
    expect(await tenants.list()).toEqual([]);
    for (const id of ['zeta', 'acme', 'a-1']) await tenants.write(id, acme);
    expect(await tenants.list()).toEqual(['a-1', 'acme', 'zeta']);
  });

  it('a tenant with an invalid ID, name or redirect URI is refused', async () => {
    const tenants = createTenants({ secrets: openEmbeddedSecrets(systemClock) });
    for (const id of ['', '../api-keys/x', 'Acme', 'a b', '-a']) {
      await expect(tenants.write(id, acme)).rejects.toThrow(RangeError);
      expect(await tenants.read(id)).toBeUndefined();
    }
    await expect(tenants.write('acme', { ...acme, displayName: '' })).rejects.toThrow(RangeError);
    const script = { ...acme, platformRedirectUris: ['javascript:alert(1)'] };
    await expect(tenants.write('acme', script)).rejects.toThrow(RangeError);
    expect(await tenants.list()).toEqual([]);
  });
});
