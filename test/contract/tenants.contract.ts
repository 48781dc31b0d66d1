import { beforeAll, expect, it } from 'vitest';

import { SecretStoreConflict, type SecretStore } from '../../stores/secrets/port.ts';
import { createTenants, noQuotas, type Tenants } from '../../stores/tenants.ts';

export const acme = {
  displayName: 'Acme GmbH',
  platformRedirectUris: ['https://app.acme.example/done'],
  confirmsInvitations: false,
  branding: {
    logoUrl: 'https://cdn.acme.example/logo.svg',
    colour: '#7a1f5c',
    supportUrl: 'mailto:help@acme.example',
    helpText: 'Call us.\nMonday to Friday.',
  },
  quotas: { ...noQuotas, connections: 12, invitationsPerHour: 0 },
};

/** What tenants guarantee on every secret store, with the rights of the API. */
export function tenantsContract(open: () => Promise<SecretStore>): void {
  let tenants: Tenants;
  beforeAll(async () => {
    tenants = createTenants({ secrets: await open() });
  });

  it('a new tenant is read as it was made, with the version that a change must name', async () => {
    const made = await tenants.replace('made', 0, acme);
    expect(made).toEqual({ ...acme, version: 1 });
    expect(await tenants.read('made')).toEqual(made);
    expect(await tenants.read('unknown')).toBeUndefined();
  });

  it('a tenant that exists is not made again, and keeps what it has', async () => {
    await tenants.replace('once', 0, acme);
    await expect(tenants.replace('once', 0, { ...acme, displayName: 'Other' })).rejects.toThrow(SecretStoreConflict);
    expect((await tenants.read('once'))?.displayName).toBe(acme.displayName);
  });

  it('of two changes of the same version one counts, and the other is refused', async () => {
    const { version } = await tenants.replace('racer', 0, acme);
    const outcomes = await Promise.allSettled(
      ['One', 'Two'].map(async (displayName) => await tenants.replace('racer', version, { ...acme, displayName })),
    );
    const [won] = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    expect(refused).toEqual([expect.any(SecretStoreConflict)]);
    expect(await tenants.read('racer')).toEqual(won);
  });

  it('all tenants are listed in the order of their ids', async () => {
    for (const id of ['zeta', 'alpha']) await tenants.replace(id, 0, acme);
    const ids = await tenants.list();
    expect(ids).toEqual(ids.toSorted());
    expect(ids).toEqual(expect.arrayContaining(['alpha', 'zeta']));
  });
}
