import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { entraFailure } from '../../sandbox/client.ts';
import { azureMethod } from './provider.azure.harness.ts';
import { startAzureOnSandbox, type AzureOnSandbox } from './provider.azure.on-sandbox.ts';
import { thrown } from './thrown.ts';

describe('what Azure answers', () => {
  let azure: AzureOnSandbox;
  beforeAll(async () => void (azure = await startAzureOnSandbox()));
  afterEach(() => azure.cloud.reset());
  afterAll(() => azure.close());

  describe("Microsoft's error codes, and the class of each", () => {
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

    test('the last of two codes in one response counts, because the first is general', async () => {
      const context = await azure.connect();
      const description = 'AADSTS70002: Error validating credentials. AADSTS50057: The user account is disabled.';
      await azure.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'refuse', error: 'invalid_grant', description });
      const refused = await thrown(azure.signIn().refresh(context));
      expect(refused).toMatchObject({ class: 'revoked' });
      expect(refused.message).toContain('The account that signed in was disabled.');
    });

    test('an error without an AADSTS code is classified by its OAuth error name', async () => {
      const context = await azure.connect();
      await azure.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'refuse', error: 'invalid_grant' });
      expect(await thrown(azure.signIn().refresh(context))).toMatchObject({ class: 'revoked' });
      await azure.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'refuse', error: 'consent_required' });
      expect(await thrown(azure.signIn().refresh(context))).toMatchObject({ class: 'user' });
    });

    test('sessions that an administrator ended are class revoked', async () => {
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
    test('the account is read from the ID token, and named with its enabled subscriptions', async () => {
      const { account } = await azure.signIn().prove(await azure.connect());
      expect(account).toEqual({
        id: 'aaaa1111-0000-4000-8000-000000000001/0b1ec701-0000-4000-8000-000000000001',
        displayName: 'ada@lindqvist.example: Production, Staging',
      });
    });

    test('an ID token of another directory than the configured one is not accepted', async () => {
      const method = azure.signIn({ AZURE_TENANT_ID: 'bbbb2222-0000-4000-8000-000000000001' });
      expect(await thrown(azure.exchange({ method }))).toMatchObject({
        class: 'transient',
        delivery: 'unknown',
        problem: { code: 'cloud_answer_unexpected' },
      });
    });

    test('a sign-in whose token reply does not identify the account is refused, for the customer to repeat', async () => {
      const body = { access_token: 'some-token', token_type: 'Bearer', expires_in: 4000 };
      await azure.cloud.fault({ endpoint: 'token.code' }, { kind: 'respond', status: 200, body });
      expect(await thrown(azure.exchange())).toMatchObject({
        class: 'user',
        problem: { code: 'account_not_identified' },
      });
    });

    test('a user whose directory requires admin consent can sign in once an administrator has consented', async () => {
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

  describe('an answer that was lost', () => {
    test('a used refresh token is accepted again after a lost response, and its successor works', async () => {
      const context = await azure.connect();
      await azure.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'drop_after' });
      expect(await thrown(azure.signIn().refresh(context))).toMatchObject({ class: 'transient', delivery: 'unknown' });
      const replayed = await azure.signIn().refresh(context);
      expect(replayed.fields.reveal()['refresh_token']).not.toBe(context.record.reveal()['refresh_token']);
      await expect(azure.signIn().refresh(azure.holding(replayed.fields.reveal()))).resolves.toBeDefined();
      expect(await azure.cloud.counters('azure')).toMatchObject({ refreshTokensSpentTwice: 1, grantsRevoked: 0 });
    });

    test.each([
      { status: 500, delivery: 'unknown' },
      { status: 503, delivery: 'answered' },
    ])('HTTP $status on a refresh says nothing about the grant', async ({ status, delivery }) => {
      const context = await azure.connect();
      const body = { error: 'invalid_grant', error_description: 'AADSTS700082: of no meaning here' };
      await azure.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'respond', status, body });
      const unavailable = { class: 'transient', delivery, problem: { code: 'cloud_unavailable' } };
      expect(await thrown(azure.signIn().refresh(context))).toMatchObject(unavailable);
    });
  });

  describe('an incomplete reply', () => {
    test('a sign-in without a refresh token still connects, with the warning no_refresh_token', async () => {
      await azure.cloud.change({ azure: { omitRefreshToken: true } });
      const issued = await azure.exchange();
      expect(issued).toMatchObject({ renewable: false });
      expect(issued.warnings.map(({ code }) => code)).toEqual(['no_refresh_token']);
    });

    test('a refresh without an access token still returns the new refresh token to save', async () => {
      const context = await azure.connect();
      await azure.cloud.change({ azure: { omitAccessToken: true } });
      const rescued = await azure.signIn().refresh(context);
      expect(Object.keys(rescued.fields.reveal())).toEqual(['refresh_token']);
      await azure.cloud.change({ azure: { omitAccessToken: false } });
      const record = { ...context.record.reveal(), ...rescued.fields.reveal() };
      await expect(azure.signIn().refresh(azure.holding(record))).resolves.toMatchObject({ renewable: true });
    });

    test('a service principal that gets no access token is a transient error', async () => {
      const record = await azure.submitted(['Production']);
      await azure.cloud.change({ azure: { omitAccessToken: true } });
      expect(await thrown(azure.principal().prove(azure.holding(record)))).toMatchObject({
        class: 'transient',
        problem: { code: 'no_access_token' },
      });
    });
  });

  test('addresses with a trailing slash, as Kubernetes sets them, work the same', async () => {
    const { AZURE_AUTHORITY_HOST: authority = '', AZURE_API_URL: api = '' } = azure.environment;
    const slashed = { ...azure.environment, AZURE_AUTHORITY_HOST: `${authority}/`, AZURE_API_URL: `${api}/` };
    const issued = await azure.exchange({ method: azureMethod('authorization_code', slashed) });
    const signIn = azureMethod('authorization_code', slashed);
    await expect(signIn.prove(azure.holding(issued.fields.reveal()))).resolves.toBeDefined();
    const principal = azureMethod('client_secret', slashed);
    await expect(principal.prove(azure.holding(await azure.submitted(['Production'])))).resolves.toBeDefined();
  });

  test('every page of the list of subscriptions is read', async () => {
    await azure.cloud.change({ azure: { pageSize: 1 } });
    const record = await azure.submitted(['Production', 'Staging', 'Old laboratory']);
    const { account } = await azure.principal().prove(azure.holding(record));
    expect(account.displayName).toMatch(/: Production, Staging$/);
    expect((await azure.cloud.counters('azure')).requests).toMatchObject({ 'subscriptions.list': 3 });
  });

  test('a subscription whose row is odd is left out with a warning, and the others count', async () => {
    const context = await azure.connect();
    const good = {
      subscriptionId: '0b1f6471-1bf0-4dda-aec3-111122223333',
      displayName: 'Production',
      state: 'Enabled',
    };
    const odd = [{ ...good, displayName: null }, 'a subscription', { subscriptionId: 7 }];
    const respond = (value: unknown[]) =>
      azure.cloud.fault({ endpoint: 'subscriptions.list' }, { kind: 'respond', status: 200, body: { value } });
    await respond([...odd, good]);
    const { account, warnings } = await azure.signIn().prove(context);
    expect(account.displayName).toMatch(/: Production$/);
    expect(warnings).toMatchObject([{ code: 'list_partly_unreadable' }]);
    expect(warnings[0]?.message).toContain('3 subscriptions');
    await respond(odd);
    expect(await thrown(azure.signIn().prove(context))).toMatchObject({
      class: 'transient',
      problem: { code: 'cloud_answer_unexpected' },
    });
  });

  test('a next page on another host is not requested, because the token would be sent there', async () => {
    const record = await azure.submitted(['Production']);
    const body = { value: [], nextLink: 'https://elsewhere.example/subscriptions?page=2' };
    await azure.cloud.fault({ endpoint: 'subscriptions.list' }, { kind: 'respond', status: 200, body });
    const error = await thrown(azure.principal().prove(azure.holding(record)));
    expect(error).toMatchObject({ class: 'config', problem: { code: 'next_page_elsewhere' } });
    expect(error.problem.remedy).toContain('AZURE_API_URL');
  });

  test('a missing permission is reported in Azure’s words, and a 403 of a firewall is only transient', async () => {
    const context = await azure.connect();
    const body = { error: { code: 'AuthorizationFailed', message: 'The client does not have authorization.' } };
    await azure.cloud.fault({ endpoint: 'subscriptions.list' }, { kind: 'respond', status: 403, body });
    const error = await thrown(azure.signIn().prove(context));
    expect(error).toMatchObject({ class: 'user', problem: { code: 'permission_missing' } });
    expect(error.message).toContain('AuthorizationFailed: The client does not have authorization.');
    await azure.cloud.fault({ endpoint: 'subscriptions.list' }, { kind: 'respond', status: 403, body: '<h1>Blocked' });
    expect(await thrown(azure.signIn().prove(context))).toMatchObject({ class: 'transient' });
  });

  test('a cloud that is unknown, not configured or disabled is reported before anything is sent', async () => {
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
