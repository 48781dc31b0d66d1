import { describe, expect, it } from 'vitest';

import { systemClock } from '../../../platform/clock.ts';
import { Secret } from '../../../platform/secret.ts';
import { noBranding } from '../../../stores/branding.ts';
import { createTenants, noQuotas } from '../../../stores/tenants.ts';
import { openEmbeddedSecrets } from './embedded-secrets.ts';

const acme = {
  displayName: 'Acme GmbH',
  platformRedirectUris: ['https://app.acme.example/done'],
  confirmsInvitations: false,
};
/** What a document without looks and quotas is read as. */
const plain = { branding: noBranding, quotas: noQuotas };

describe('tenants', () => {
  it('a tenant is read as it was last written', async () => {
    const tenants = createTenants({ secrets: openEmbeddedSecrets(systemClock) });
    expect(await tenants.read('acme')).toBeUndefined();
    await tenants.write('acme', { ...acme, displayName: 'Acme', platformRedirectUris: [] });
    await tenants.write('acme', acme);
    expect(await tenants.read('acme')).toEqual({ ...acme, ...plain, version: 2 });
  });

  it('a tenant whose document does not say otherwise confirms what comes in by its links', async () => {
    const secrets = openEmbeddedSecrets(systemClock);
    const { confirmsInvitations: _, ...document } = acme;
    await secrets.write('config', 'tenants/acme', new Secret(document));
    expect(await createTenants({ secrets }).read('acme')).toEqual({
      ...acme,
      ...plain,
      confirmsInvitations: true,
      version: 1,
    });
  });

  it('the name of a tenant is read as plain text, whoever has written it', async () => {
    const tenants = createTenants({ secrets: openEmbeddedSecrets(systemClock) });
    await tenants.write('acme', {
      displayName: 'Acme\u202E\n HbmG\u200B',
      platformRedirectUris: [],
      confirmsInvitations: true,
    });
    expect(await tenants.read('acme')).toMatchObject({ displayName: 'Acme HbmG' });
    await tenants.write('acme', { displayName: '\u200B', platformRedirectUris: [], confirmsInvitations: true });
    expect(await tenants.read('acme')).toMatchObject({ displayName: 'acme' });
  });

  it('looks and quotas that are not valid are left out of what is read, whoever has written them', async () => {
    const secrets = openEmbeddedSecrets(systemClock);
    const branding = {
      logoUrl: 'javascript:alert(1)',
      colour: '#ffee00',
      supportUrl: 'mailto:help@acme.example?bcc=all@acme.example',
      helpText: 'Call\u202E us.\u200B',
    };
    const quotas = { connections: -1, submissionsPerMinute: '5', validationsPerMinute: 7 };
    await secrets.write('config', 'tenants/acme', new Secret({ ...acme, branding, quotas }));
    await secrets.write('config', 'tenants/odd', new Secret({ ...acme, branding: 'red', quotas: [] }));
    const tenants = createTenants({ secrets });
    expect(await tenants.read('acme')).toMatchObject({
      branding: { ...noBranding, helpText: 'Call us.' },
      quotas: { ...noQuotas, validationsPerMinute: 7 },
    });
    expect(await tenants.read('odd')).toMatchObject(plain);
  });

  it('a creation leaves a tenant that exists as it is', async () => {
    const tenants = createTenants({ secrets: openEmbeddedSecrets(systemClock) });
    await tenants.create('acme', acme);
    await tenants.create('acme', { ...acme, displayName: 'Somebody else' });
    expect(await tenants.read('acme')).toMatchObject(acme);
    await expect(tenants.create('../api-keys/x', acme)).rejects.toThrow(RangeError);
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
