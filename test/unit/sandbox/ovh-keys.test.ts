import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { JsonObject } from '../../../platform/json.ts';
import { ovhForm } from '../../contract/provider.ovh.harness.ts';
import { startOvhForm, type OvhFormOnSandbox } from '../../contract/provider.ovh.forms.ts';

let ovh: OvhFormOnSandbox;
let service: OvhFormOnSandbox;
beforeAll(async () => {
  ovh = await startOvhForm('api_credentials');
  service = await startOvhForm('client_credentials');
});
beforeEach(async () => {
  await ovh.cloud.reset();
  await service.cloud.reset();
});
afterAll(async () => {
  await ovh.close();
  await service.close();
});

/** The page that the guide of the method links to. */
function guidePage({ environment }: OvhFormOnSandbox, method: string): string {
  const values = { createTokenUrl: environment['OVH_EU_CREATE_TOKEN_URL'] ?? '' };
  const blocks = ovhForm(method).guide?.({ region: 'ovh-eu', values, setup: {} }) ?? [];
  return blocks.find(({ format }) => format === 'url')?.text ?? '';
}
/** The values that the page shows for copying, by label. */
const shown = (html: string): Record<string, string> =>
  Object.fromEntries(
    [...html.matchAll(/<small>([^<]+)<\/small><br><code>([^<]+)<\/code>/g)].map(([, label = '', value = '']) => [
      label,
      value,
    ]),
  );
const post = async (url: string, form: Record<string, string>) =>
  await (await fetch(url, { method: 'POST', body: new URLSearchParams(form) })).text();
const account = async (of: OvhFormOnSandbox, record: JsonObject) => (await of.method.prove(of.holding(record))).account;

describe('the page for making keys', () => {
  test('the page that the guide links to gives keys of the account that signed in there', async () => {
    const keys = shown(await post(guidePage(ovh, 'api_credentials'), { account: 'ob67890-ovh', rights: 'read' }));
    const record = {
      application_key: keys['Application key'] ?? '',
      application_secret: keys['Application secret'] ?? '',
      consumer_key: keys['Consumer key'] ?? '',
    };
    expect((await account(ovh, record)).id).toBe('ob67890-ovh');
  });

  test('the page gives keys that can create a service account, and the projects to create it for', async () => {
    const page = guidePage(service, 'client_credentials');
    const keys = shown(await post(page, { account: 'la12345-ovh', rights: 'everything' }));
    const record = await service.prepared({
      application_key: keys['Application key'] ?? '',
      application_secret: keys['Application secret'] ?? '',
      consumer_key: keys['Consumer key'] ?? '',
      project_ids: `${keys['production'] ?? ''} ${keys['staging'] ?? ''}`,
    });
    expect(record['projects']).toHaveLength(2);
    expect((await account(service, record)).id).toBe('la12345-ovh');
  });

  test('the page for making keys shows a service account that already exists', async () => {
    const ready = shown(await (await fetch(guidePage(service, 'client_credentials'))).text());
    const record = { client_id: ready['Client ID'] ?? '', client_secret: ready['Client secret'] ?? '' };
    expect((await account(service, record)).id).toBe('la12345-ovh');
  });

  test('opening the page for making keys again makes no new key', async () => {
    await fetch(guidePage(ovh, 'api_credentials'));
    const before = (await ovh.cloud.issued())['consumerKey'];
    await fetch(guidePage(ovh, 'api_credentials'));
    expect((await ovh.cloud.issued())['consumerKey']).toEqual(before);
  });
});

describe('the preset keys', () => {
  test('the preset keys of a region work there, and are refused in another region', async () => {
    const ready = {
      application_key: 'sandbox-eu-7c8d9e0f',
      application_secret: 'sandbox-eu-key-secret',
      consumer_key: 'sandbox-eu-consumer-key',
    };
    expect(await account(ovh, ready)).toEqual({ id: 'la12345-ovh', displayName: 'Lindqvist Logistics' });
    await expect(ovh.method.prove({ ...ovh.holding(ready), region: 'ovh-ca' })).rejects.toMatchObject({
      problem: { code: 'invalid_key' },
    });
  });
});
