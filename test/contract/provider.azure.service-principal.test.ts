import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { startAzureOnSandbox, type AzureOnSandbox } from './provider.azure.on-sandbox.ts';
import { thrown } from './thrown.ts';

const DAY = 24 * 60 * 60;

describe('a service principal of Azure', () => {
  let azure: AzureOnSandbox;
  beforeAll(async () => void (azure = await startAzureOnSandbox()));
  afterEach(() => azure.cloud.reset());
  afterAll(() => azure.close());

  test('a failed attempt to sign in a service principal is one request, which the library does not retry', async () => {
    const record = await azure.submitted(['Production']);
    const headers = { 'retry-after': '17' };
    await azure.cloud.fault({ endpoint: 'token.client_credentials' }, { kind: 'respond', status: 503, headers });
    expect(await thrown(azure.principal().prove(azure.holding(record)))).toMatchObject({
      class: 'transient',
      delivery: 'answered',
      retryAfterSeconds: 17,
    });
    const { requests } = await azure.cloud.counters('azure');
    expect(requests).toMatchObject({ 'token.client_credentials': 1 });
  });

  test('a service principal is refused a directory whose metadata names another issuer', async () => {
    const record = await azure.submitted(['Production']);
    const elsewhere = 'https://elsewhere.example/a/v2.0';
    const body = {
      issuer: elsewhere,
      authorization_endpoint: elsewhere,
      token_endpoint: elsewhere,
      jwks_uri: elsewhere,
    };
    await azure.cloud.fault({ endpoint: 'openid.configuration' }, { kind: 'respond', status: 200, body });
    expect(await thrown(azure.principal().prove(azure.holding(record)))).toMatchObject({
      class: 'transient',
      problem: { code: 'cloud_answer_unexpected' },
    });
  });

  test('a redirect from the token endpoint is a transient error', async () => {
    const record = await azure.submitted(['Production']);
    // If it was followed, the same endpoint would answer with a token.
    const headers = { location: '' };
    await azure.cloud.fault({ endpoint: 'token.client_credentials' }, { kind: 'respond', status: 307, headers });
    expect(await thrown(azure.principal().prove(azure.holding(record)))).toMatchObject({
      class: 'transient',
      problem: { code: 'cloud_answer_unexpected' },
    });
    const { requests } = await azure.cloud.counters('azure');
    expect(requests).toMatchObject({ 'token.client_credentials': 1 });
  });

  test('a sign-in of a service principal that hangs times out at the deadline', async () => {
    const record = await azure.submitted(['Production']);
    await azure.cloud.fault({ endpoint: 'token.client_credentials' }, { kind: 'hold_before' });
    const error = await thrown(azure.principal({ deadlineMs: 100 }).prove(azure.holding(record)));
    expect(error).toMatchObject({ class: 'transient', problem: { code: 'cloud_unreachable' } });
    expect(error.message).toContain('no answer within 0.1 s');
  });

  test.each([
    { what: 'far from its end', days: 31, codes: [] },
    { what: 'near its end', days: 29, codes: ['client_secret_expires'] },
    { what: 'past its end', days: -2, codes: ['client_secret_expires'] },
  ])('a service principal whose secret is $what gets the right expiry warnings', async ({ days, codes }) => {
    const day = new Date(azure.clock.now() + days * DAY * 1000).toISOString().slice(0, 10);
    const record = await azure.submitted(['Production'], { secret_expires_on: day });
    const { warnings } = await azure.principal().prove(azure.holding(record));
    const issued = await azure.principal().refresh(azure.holding(record));
    for (const given of [warnings, issued.warnings]) expect(given.map(({ code }) => code)).toEqual(codes);
  });

  test('a service principal of a sovereign cloud works there, and is unknown in the global cloud', async () => {
    const [reader] = await azure.cloud.azure.servicePrincipals();
    const submitted = { tenant_id: reader?.tenantId ?? '', granted_at: 1 };
    const china = {
      ...submitted,
      client_id: 'b0b0b0b2-0000-4000-8000-00000000000b',
      client_secret: 'sandbox~china~reader~secret',
    };
    const proof = await azure.principal().prove({ ...azure.holding(china), region: 'china' });
    expect(proof.issued?.scopes).toEqual(['https://management.chinacloudapi.cn/.default']);
    expect(await thrown(azure.principal().prove(azure.holding(china)))).toMatchObject({
      class: 'user',
      problem: { code: 'unauthorized_client' },
    });
  });
});
