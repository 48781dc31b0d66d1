import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { entraFailure } from '../../sandbox/client.ts';
import { azureMethod } from './provider.azure.harness.ts';
import { startAzureOnSandbox, type AzureOnSandbox } from './provider.azure.on-sandbox.ts';
import { thrown } from './provider.contract.ts';

const DAY = 24 * 60 * 60;

describe('what Azure answers', () => {
  let azure: AzureOnSandbox;
  beforeAll(async () => void (azure = await startAzureOnSandbox()));
  afterEach(() => azure.cloud.reset());
  afterAll(() => azure.close());

  describe("Microsoft's codes, with whose they are to put right", () => {
    test.each([
      { code: 700082, error: 'invalid_grant', class: 'revoked', remedy: 'reauthorize' },
      { code: 70008, error: 'invalid_grant', class: 'revoked', remedy: 'reauthorize' },
      { code: 50173, error: 'invalid_grant', class: 'revoked', remedy: 'reauthorize' },
      { code: 65001, error: 'invalid_grant', class: 'user', remedy: 'admin consent link' },
      { code: 50076, error: 'interaction_required', class: 'user', remedy: 'sign in once more' },
      { code: 50079, error: 'interaction_required', class: 'user', remedy: 'sign in once more' },
      { code: 53003, error: 'access_denied', class: 'user', remedy: 'administrator' },
      {
        code: 7000215,
        error: 'invalid_client',
        class: 'config',
        remedy: 'AZURE_CLIENT_SECRET to the value, not the ID',
      },
      { code: 7000222, error: 'invalid_client', class: 'config', remedy: 'AZURE_CLIENT_SECRET' },
      { code: 700016, error: 'unauthorized_client', class: 'config', remedy: 'AZURE_CLIENT_ID' },
      { code: 90002, error: 'invalid_request', class: 'config', remedy: 'AZURE_TENANT_ID' },
      { code: 90033, error: 'temporarily_unavailable', class: 'transient', remedy: 'tried again' },
    ])('AADSTS$code on a refresh is class $class', async ({ code, error, class: kind, remedy }) => {
      const context = await azure.connect();
      await azure.cloud.fault({ endpoint: 'token.refresh' }, entraFailure(error, code, 'Words of Microsoft.'));
      const refused = await thrown(azure.signIn().refresh(context));
      expect(refused).toMatchObject({ class: kind, delivery: 'answered', problem: { code: error } });
      expect(refused.message).toContain(`${error} (AADSTS${code})`);
      expect(refused.message).toMatch(/Microsoft says: "AADSTS\d+: Words of Microsoft\."$/);
      expect(refused.problem.remedy).toContain(remedy);
    });

    test('of two codes in one answer the last one counts: the first is general', async () => {
      const context = await azure.connect();
      const description = 'AADSTS70002: Error validating credentials. AADSTS50057: The user account is disabled.';
      await azure.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'refuse', error: 'invalid_grant', description });
      const refused = await thrown(azure.signIn().refresh(context));
      expect(refused).toMatchObject({ class: 'revoked' });
      expect(refused.message).toContain('The account that signed in was disabled.');
    });

    test('an error without a code of its own is judged by the name that OAuth gives it', async () => {
      const context = await azure.connect();
      await azure.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'refuse', error: 'invalid_grant' });
      expect(await thrown(azure.signIn().refresh(context))).toMatchObject({ class: 'revoked' });
      await azure.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'refuse', error: 'consent_required' });
      expect(await thrown(azure.signIn().refresh(context))).toMatchObject({ class: 'user' });
    });

    test("sessions that an administrator ended are told as ended, not as anybody's mistake", async () => {
      const context = await azure.connect();
      expect(await azure.cloud.azure.revokeUser('ada@lindqvist.example')).toBe(1);
      expect(await thrown(azure.signIn().refresh(context))).toMatchObject({ class: 'revoked' });
      expect(await thrown(azure.signIn().prove(context))).toMatchObject({
        class: 'revoked',
        problem: { code: 'credential_rejected' },
      });
    });
  });

  describe('who signed in', () => {
    test('is read from the ID token, and named with the subscriptions that are enabled', async () => {
      const { account } = await azure.signIn().prove(await azure.connect());
      expect(account).toEqual({
        id: 'aaaa1111-0000-4000-8000-000000000001/0b1ec701-0000-4000-8000-000000000001',
        displayName: 'ada@lindqvist.example: Production, Staging',
      });
    });

    test('is refused where the ID token is of another directory than the one that may sign in', async () => {
      const method = azure.signIn({ AZURE_TENANT_ID: 'bbbb2222-0000-4000-8000-000000000001' });
      expect(await thrown(azure.exchange({ method }))).toMatchObject({
        class: 'transient',
        delivery: 'unknown',
        problem: { code: 'cloud_answer_unexpected' },
      });
    });

    test('is asked again where Microsoft did not say', async () => {
      const body = { access_token: 'some-token', token_type: 'Bearer', expires_in: 4000 };
      await azure.cloud.fault({ endpoint: 'token.code' }, { kind: 'respond', status: 200, body });
      expect(await thrown(azure.exchange())).toMatchObject({
        class: 'user',
        problem: { code: 'account_not_identified' },
      });
    });

    test('in a directory where only administrators consent, comes in once one has', async () => {
      const account = 'bruno@okafor.example';
      const signedIn = async () => (await azure.exchange({ account })).fields.reveal()['username'];
      expect(await thrown(azure.exchange({ account })), 'no code came back').toMatchObject({ class: 'user' });
      const consentUrl = new URL(
        (azure.environment['AZURE_ADMIN_CONSENT_URL'] ?? '').replace('{tenantId}', 'organizations'),
      );
      consentUrl.searchParams.set('client_id', azure.environment['AZURE_CLIENT_ID'] ?? '');
      await fetch(consentUrl, {
        method: 'POST',
        body: new URLSearchParams({ tenant: 'bbbb2222-0000-4000-8000-000000000001' }),
      });
      expect(await signedIn()).toBe(account);
    });
  });

  describe('an incomplete reply', () => {
    test('no refresh token: connected all the same, with the warning that users know', async () => {
      await azure.cloud.change({ azure: { omitRefreshToken: true } });
      const issued = await azure.exchange();
      expect(issued).toMatchObject({ renewable: false });
      expect(issued.warnings.map(({ code }) => code)).toEqual(['no_refresh_token']);
    });

    test('no access token on a refresh: the new refresh token is saved', async () => {
      const context = await azure.connect();
      await azure.cloud.change({ azure: { omitAccessToken: true } });
      const rescued = await azure.signIn().refresh(context);
      expect(Object.keys(rescued.fields.reveal())).toEqual(['refresh_token']);
      await azure.cloud.change({ azure: { omitAccessToken: false } });
      const record = { ...context.record.reveal(), ...rescued.fields.reveal() };
      await expect(azure.signIn().refresh(azure.holding(record))).resolves.toMatchObject({ renewable: true });
    });

    test('no access token for a service principal: tried again, nothing concluded', async () => {
      const record = await azure.submitted(['Production']);
      await azure.cloud.change({ azure: { omitAccessToken: true } });
      expect(await thrown(azure.principal().prove(azure.holding(record)))).toMatchObject({
        class: 'transient',
        problem: { code: 'no_access_token' },
      });
    });
  });

  describe('a service principal', () => {
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

  test('the list of subscriptions is followed over every page', async () => {
    await azure.cloud.change({ azure: { pageSize: 1 } });
    const record = await azure.submitted(['Production', 'Staging', 'Old laboratory']);
    const { account } = await azure.principal().prove(azure.holding(record));
    expect(account.displayName).toMatch(/: Production, Staging$/);
    expect((await azure.cloud.counters('azure')).requests).toMatchObject({ 'subscriptions.list': 3 });
  });

  test('a next page that is somewhere else is not asked for: the token would go with the question', async () => {
    const record = await azure.submitted(['Production']);
    const body = { value: [], nextLink: 'https://elsewhere.example/subscriptions?page=2' };
    await azure.cloud.fault({ endpoint: 'subscriptions.list' }, { kind: 'respond', status: 200, body });
    const error = await thrown(azure.principal().prove(azure.holding(record)));
    expect(error).toMatchObject({ class: 'config', problem: { code: 'next_page_elsewhere' } });
    expect(error.problem.remedy).toContain('AZURE_API_URL');
  });

  test('a missing permission is told in the words of Azure; a firewall in between is no verdict', async () => {
    const context = await azure.connect();
    const body = { error: { code: 'AuthorizationFailed', message: 'The client does not have authorization.' } };
    await azure.cloud.fault({ endpoint: 'subscriptions.list' }, { kind: 'respond', status: 403, body });
    const error = await thrown(azure.signIn().prove(context));
    expect(error).toMatchObject({ class: 'user', problem: { code: 'permission_missing' } });
    expect(error.message).toContain('AuthorizationFailed: The client does not have authorization.');
    await azure.cloud.fault({ endpoint: 'subscriptions.list' }, { kind: 'respond', status: 403, body: '<h1>Blocked' });
    expect(await thrown(azure.signIn().prove(context))).toMatchObject({ class: 'transient' });
  });

  test('a cloud that does not exist, and one that is not configured, are told before anything is sent', async () => {
    const context = await azure.connect();
    expect((await thrown(azure.signIn().prove({ ...context, region: 'mars' }))).message).toBe(
      "Invalid cloud 'mars'. Must be one of: global, china, us-government",
    );
    const bare = azure.signIn({ AZURE_CHINA_CLIENT_SECRET: '' });
    const error = await thrown(bare.prove({ ...context, region: 'china' }));
    expect(error).toMatchObject({ class: 'config', delivery: 'not_sent' });
    expect(`${error.message} ${error.problem.remedy}`).toBe(
      'OAuth2 credentials not configured for china. Set AZURE_CHINA_CLIENT_SECRET and restart Mooring.',
    );
    const none = azureMethod('client_secret', { ENABLE_AZURE: 'false' });
    expect(await thrown(none.prove(azure.holding(await azure.submitted([]))))).toMatchObject({
      class: 'config',
      problem: { code: 'connector_disabled' },
    });
  });
});
