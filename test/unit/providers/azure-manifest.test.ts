import { describe, expect, test } from 'vitest';

import { manifest } from '../../../providers/azure/manifest.ts';
import { azureTypes, readAction } from '../../../providers/azure/manifest/resource-types.ts';
import type { MethodManifest } from '../../../providers/manifests/types.ts';
import { missingFor, resolveSettings, scopesFor, type Environment } from '../../../providers/manifests/settings.ts';

const configured = { AZURE_CLIENT_ID: 'our application', AZURE_CLIENT_SECRET: 'a secret' };

function settled(environment: Environment, id = 'global') {
  const settings = resolveSettings(manifest, environment);
  const region = settings.regions.get(id) ?? expect.fail(`no cloud ${id}`);
  return { settings, region };
}
const find = <F extends MethodManifest['flow']>(flow: F) =>
  manifest.methods.find((method): method is Extract<MethodManifest, { flow: F }> => method.flow === flow) ??
  expect.fail(`no ${flow} method`);
const guideOf = (environment: Environment) => {
  const { region } = settled(environment);
  return find('redirect').guide?.({ region: 'global', values: region.values, setup: {} }) ?? [];
};

describe("Azure's addresses", () => {
  test('every work account can sign in to Azure, unless a tenant is set', () => {
    expect(settled({}).region.urls['token']).toBe('https://login.microsoftonline.com/organizations/oauth2/v2.0/token');
    expect(settled({ AZURE_TENANT_ID: 'contoso.example' }).region.urls['authorize']).toBe(
      'https://login.microsoftonline.com/contoso.example/oauth2/v2.0/authorize',
    );
  });

  test('a tenant is escaped in a URL, so that it cannot change the path', () => {
    expect(settled({ AZURE_TENANT_ID: '../common?x=' }).region.urls['token']).toBe(
      'https://login.microsoftonline.com/..%2Fcommon%3Fx%3D/oauth2/v2.0/token',
    );
  });

  test('a configured token URL may contain the tenant placeholder, which is filled in, or leave it out', () => {
    const of = (url: string) => settled({ AZURE_TOKEN_URL: url, AZURE_TENANT_ID: 'a-tenant' }).region.urls['token'];
    expect(of('https://proxy.example/{tenantId}/token')).toBe('https://proxy.example/a-tenant/token');
    expect(of('https://proxy.example/token')).toBe('https://proxy.example/token');
  });

  test.each([
    { id: 'global', audience: 'https://management.azure.com' },
    { id: 'china', audience: 'https://management.chinacloudapi.cn' },
    { id: 'us-government', audience: 'https://management.usgovcloudapi.net' },
  ])('sign-in to cloud $id requests the scopes of that cloud', ({ id, audience }) => {
    const scopes = [`${audience}/user_impersonation`, 'offline_access', 'openid', 'profile'];
    expect(scopesFor(settled({}, id).region, find('redirect'))).toEqual(scopes);
  });
});

describe("Azure's guides", () => {
  test('the admin consent link names the tenant and the application that the operator set', () => {
    const links = guideOf({ ...configured, AZURE_TENANT_ID: 'a-tenant' }).filter(({ format }) => format === 'url');
    expect(links.map(({ text }) => text)).toEqual([
      'https://login.microsoftonline.com/a-tenant/adminconsent?client_id=our+application',
    ]);
  });

  test('the guide links to the portal of the customer’s own cloud', () => {
    const { region } = settled({}, 'us-government');
    const blocks = find('form').guide?.({ region: 'us-government', values: region.values, setup: {} }) ?? [];
    const links = blocks.filter(({ format }) => format === 'url').map(({ text }) => new URL(text).origin);
    expect(links).toEqual(['https://portal.azure.us']);
  });

  test('the sign-in guide does not contain the client secret', () => {
    expect(JSON.stringify(guideOf(configured))).not.toContain('a secret');
  });

  test('the commands of the guide select a sovereign cloud first, and for the global cloud only sign in', () => {
    const guide = find('form').guide;
    const lines = (region: string) => guide?.({ region, values: {}, setup: {} })[0]?.text.split('\n') ?? [];
    expect(lines('china')[0]).toBe('az cloud set --name AzureChinaCloud');
    expect(lines('global')[0]).toBe('az login');
  });
});

describe('what Azure needs from the operator', () => {
  test('service principals need no setting of the operator, and sign-in needs an application', () => {
    const { settings, region } = settled({});
    expect(missingFor(settings, region, find('form'))).toBeUndefined();
    expect(missingFor(settings, region, find('redirect'))?.variables).toEqual([
      'AZURE_CLIENT_ID',
      'AZURE_CLIENT_SECRET',
    ]);
  });

  test('every Azure method leases the access token alone', () => {
    expect(manifest.methods.map(({ leased }) => leased)).toEqual([['access_token'], ['access_token']]);
  });

  test.each([
    ['tenant_id', '72f988bf-86f1-41af-91ab-2d7cd011db47', '72f988bf-86f1-41af-91ab-2d7cd011db47/../common'],
    ['client_id', '72F988BF-86F1-41AF-91AB-2D7CD011DB47', 'my application'],
    ['secret_expires_on', '2027-02-28', '28.02.2027'],
  ])('the field %s accepts a valid value and refuses an invalid one', (name, good, bad) => {
    const pattern = new RegExp(find('form').fields.find((field) => field.name === name)?.pattern ?? '', 'v');
    expect(pattern.test(good)).toBe(true);
    expect(pattern.test(bad)).toBe(false);
  });
});

describe('what Azure lists', () => {
  test('both methods list resources, in subscriptions', () => {
    expect(manifest.methods.map(({ discovers }) => discovers)).toEqual([true, true]);
    expect(manifest.discovery?.projectKind).toBe('subscription');
  });

  test('each kind says the rights that it needs, and the role that has them', () => {
    for (const { id, needs, grant } of manifest.discovery?.kinds ?? []) {
      expect([id, needs.length > 0 && needs.every((action) => /^Microsoft\.[\w./]+\/read$/.test(action))]).toEqual([
        id,
        true,
      ]);
      expect(grant).toContain('Reader');
    }
  });

  test('the rights of the kinds are those of the types that are listed, each of a kind', () => {
    const needed = new Set(manifest.discovery?.kinds.flatMap(({ needs }) => needs));
    expect([...needed].toSorted()).toEqual(
      [...azureTypes.map(readAction), 'Microsoft.Resources/subscriptions/read'].toSorted(),
    );
  });
});
