import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { startAzureOnSandbox, type AzureOnSandbox } from './provider.azure.on-sandbox.ts';
import { thrown } from './provider.contract.ts';

const DAY = 24 * 60 * 60;

describe('a service principal of Azure', () => {
  let azure: AzureOnSandbox;
  beforeAll(async () => void (azure = await startAzureOnSandbox()));
  afterEach(() => azure.cloud.reset());
  afterAll(() => azure.close());

  test('is signed in by one request for each try, however it ends: trying again is not the library’s', async () => {
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

  test('is not sent to a directory whose metadata names another issuer', async () => {
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

  test('is not sent where a redirect leads to', async () => {
    const record = await azure.submitted(['Production']);
    const headers = { location: 'https://elsewhere.example/token' };
    await azure.cloud.fault({ endpoint: 'token.client_credentials' }, { kind: 'respond', status: 307, headers });
    expect(await thrown(azure.principal().prove(azure.holding(record)))).toMatchObject({ class: 'transient' });
  });

  test('that hangs is given up on at the deadline', async () => {
    const record = await azure.submitted(['Production']);
    await azure.cloud.fault({ endpoint: 'token.client_credentials' }, { kind: 'hold_before' });
    const error = await thrown(azure.principal({ deadlineMs: 100 }).prove(azure.holding(record)));
    expect(error).toMatchObject({ class: 'transient', problem: { code: 'cloud_unreachable' } });
    expect(error.message).toContain('no answer within 0.1 s');
  });

  test.each([
    { what: 'far from its end', days: 31, codes: [] },
    { what: 'near its end', days: 29, codes: ['client_secret_expires'] },
    { what: 'past it', days: -2, codes: ['client_secret_expires'] },
  ])('whose secret is $what is warned about as it should be', async ({ days, codes }) => {
    const day = new Date(azure.clock.now() + days * DAY * 1000).toISOString().slice(0, 10);
    const record = await azure.submitted(['Production'], { secret_expires_on: day });
    const { warnings } = await azure.principal().prove(azure.holding(record));
    const issued = await azure.principal().refresh(azure.holding(record));
    for (const given of [warnings, issued.warnings]) expect(given.map(({ code }) => code)).toEqual(codes);
  });

  test('of a sovereign cloud is known there, and by what it is called there', async () => {
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
