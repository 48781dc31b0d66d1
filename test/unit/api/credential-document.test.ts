import { expect, test } from 'vitest';
import { resolveSettings } from '../../../providers/manifests/settings.ts';
import { credentialDocument } from '../../../api/credentials/document.ts';
import { createProviderCatalog } from '../../../api/connections/provider-catalog.ts';
import { formMethod, skyWith } from './manifests.ts';
import { accessRecordWith } from './support.ts';

const method = formMethod({
  leased: ['key'],
  variables: { SKY_KEY: 'key', SKY_REGION: 'region', SKY_UNTIL: 'expiresAt', SKY_TOKEN: 'token' },
  credentialFormats: [
    {
      id: 'env',
      contentType: 'text/plain',
      render: ({ fields, expiresAt }) => `KEYS=${Object.keys(fields).join()} UNTIL=${expiresAt ?? 'ever'}`,
    },
  ],
});
const catalog = createProviderCatalog([resolveSettings(skyWith(method), {})]);
const record = accessRecordWith({
  provider: 'sky',
  endpoint: 'up',
  auth_method: 'keys',
  expires_at: 1_795_420_800,
  key: 'k',
  client_secret: 's',
});

test('only the fields that the manifest names are handed out, in every format', () => {
  expect(credentialDocument(catalog, record)).toEqual({
    fields: { key: 'k' },
    expiresAt: '2026-11-23T08:00:00.000Z',
    written: null,
  });
  expect(credentialDocument(catalog, record, 'env').written).toEqual({
    contentType: 'text/plain',
    text: 'KEYS=key UNTIL=2026-11-23T08:00:00.000Z',
  });
});

test('a credential is written as the variables of its method, for a shell and as JSON, without those that have no value', () => {
  const document = (format: string, more = {}) =>
    credentialDocument(catalog, { ...record, ...more }, format).written?.text;
  expect(document('environment', { key: "it's" })).toBe(
    [
      String.raw`export SKY_KEY='it'\''s'`,
      "export SKY_REGION='up'",
      "export SKY_UNTIL='2026-11-23T08:00:00.000Z'",
      '',
    ].join('\n'),
  );
  expect(JSON.parse(document('variables', { expires_at: null }) ?? '')).toEqual({ SKY_KEY: 'k', SKY_REGION: 'up' });
});

test('a format that the method does not have is refused, and the error names those that it has', () => {
  expect(() => credentialDocument(catalog, record, 'netrc')).toThrow(
    '"format" must be json or env or environment or variables',
  );
});

test('nothing is handed out of a record whose method is not known any more', () => {
  expect(() => credentialDocument(catalog, { ...record, auth_method: 'old' }, 'json')).toThrow(/does not know/);
});
