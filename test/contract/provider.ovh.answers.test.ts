import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { Secret } from '../../platform/secret.ts';
import { thrown } from './thrown.ts';
import { ovhSignIn } from './provider.ovh.harness.ts';
import { startOvhOnSandbox, type OvhOnSandbox } from './provider.ovh.on-sandbox.ts';

describe('what OVHcloud answers', () => {
  let ovh: OvhOnSandbox;
  beforeAll(async () => void (ovh = await startOvhOnSandbox()));
  afterEach(() => ovh.cloud.reset());
  afterAll(() => ovh.close());

  describe('a refusal names its cause and remedy', () => {
    test('a refused exchange names single use, reload and redirect URI as causes, in the words that users know', async () => {
      await ovh.cloud.fault({ endpoint: 'token.code' }, { kind: 'refuse', error: 'invalid_grant' });
      const { message, problem } = await thrown(ovh.exchange());
      expect(message).toMatch(/^Token exchange failed: invalid_grant\. .*single use.*reloaded.*redirect_uri/);
      expect(problem.remedy).toContain('OVH_EU_REDIRECT_URI');
    });

    test('a refresh after the user withdrew the access in the control panel is class revoked', async () => {
      const context = await ovh.connect();
      expect(await ovh.cloud.revokeOvhAccount('la12345-ovh')).toBe(1);
      const error = await thrown(ovh.method().refresh(context));
      expect(error).toMatchObject({ class: 'revoked', problem: { code: 'invalid_grant' } });
      expect(error.message).toContain('control panel');
    });

    test.each(['invalid_client', 'unauthorized_client', 'unsupported_grant_type', 'invalid_scope'])(
      '%s is the operator’s error (class config)',
      async (code) => {
        await ovh.cloud.fault({ endpoint: 'token.code' }, { kind: 'refuse', error: code });
        expect(await thrown(ovh.exchange())).toMatchObject({ class: 'config', problem: { code } });
      },
    );

    test('a 401 with a challenge and no readable body is an error of our client authentication', async () => {
      const headers = { 'www-authenticate': 'Basic realm="oauth"' };
      await ovh.cloud.fault({ endpoint: 'token.code' }, { kind: 'respond', status: 401, headers, body: '' });
      expect(await thrown(ovh.exchange())).toMatchObject({ class: 'config', problem: { code: 'invalid_client' } });
    });

    test('invalid_request is the customer’s error (class user)', async () => {
      await ovh.cloud.fault({ endpoint: 'token.code' }, { kind: 'refuse', error: 'invalid_request' });
      expect(await thrown(ovh.exchange())).toMatchObject({ class: 'user' });
    });

    test('a 404 of the token endpoint names the variable that holds its URL', async () => {
      const context = await ovh.connect();
      await ovh.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'respond', status: 404, body: '' });
      const error = await thrown(ovh.method().refresh(context));
      expect(error).toMatchObject({ class: 'config', problem: { code: 'endpoint_not_found' } });
      expect(error.problem.remedy).toContain('OVH_EU_TOKEN_URL');
    });

    test('the cloud’s own message is quoted, with an echoed refresh token redacted', async () => {
      const context = await ovh.connect();
      const token = context.record.reveal()['refresh_token'] as string;
      const refusal = { error: 'invalid_grant', description: `token ${token}\nis expired` };
      await ovh.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'refuse', ...refusal });
      const { message } = await thrown(ovh.method().refresh(context));
      expect(message).toContain('OVHcloud says: "token [redacted] is expired"');
    });
  });

  describe('an incomplete reply', () => {
    test('a sign-in without a refresh token still connects, with the warning that users know', async () => {
      await ovh.cloud.change({ ovh: { omitRefreshToken: true } });
      const issued = await ovh.exchange();
      expect(issued).toMatchObject({ renewable: false });
      expect(issued.warnings.map(({ message }) => message)).toEqual([
        'No refresh token received - user may need to re-authorize after expiration',
      ]);
      expect(issued.fields.reveal()).not.toHaveProperty('refresh_token');
    });

    test('a refresh without a new refresh token keeps the old one, which still works', async () => {
      const context = await ovh.connect();
      await ovh.cloud.change({ ovh: { omitRefreshToken: true } });
      const issued = await ovh.method().refresh(context);
      expect(issued).toMatchObject({ renewable: true, warnings: [] });
      expect(issued.fields.reveal()).not.toHaveProperty('refresh_token');
      await expect(ovh.method().refresh(context)).resolves.toMatchObject({ renewable: true });
    });

    test('a sign-in without an access token is refused, in the words that users know', async () => {
      await ovh.cloud.change({ ovh: { omitAccessToken: true } });
      const error = await thrown(ovh.exchange());
      expect(error).toMatchObject({ class: 'user', problem: { code: 'no_access_token' } });
      expect(error.message).toContain('No access_token received from OVH');
    });

    test('a refresh without an access token saves the new refresh token beside the old access token', async () => {
      const issued = await ovh.exchange();
      const expiresAt = Math.floor(Date.now() / 1000) + 600;
      const context = ovh.holding(issued.fields, { expires_at: expiresAt });
      await ovh.cloud.change({ ovh: { omitAccessToken: true } });
      const rescued = await ovh.method().refresh(context);
      expect(Object.keys(rescued.fields.reveal())).toEqual(['refresh_token']);
      expect(rescued.ttlSeconds).toBeGreaterThan(590);
      expect(rescued.ttlSeconds).toBeLessThanOrEqual(600);
      await ovh.cloud.change({ ovh: { omitAccessToken: false } });
      await expect(ovh.method().refresh(ovh.holding(rescued.fields))).resolves.toMatchObject({ renewable: true });
    });

    test('a token lifetime other than the documented hour is used as given', async () => {
      await ovh.cloud.change({ ovh: { accessTokenLifetimeSeconds: 86_399 } });
      expect(await ovh.exchange()).toMatchObject({ ttlSeconds: 86_399 });
    });

    test('a token without a lifetime is taken to last the documented hour', async () => {
      const body = { access_token: 'some-token', token_type: 'bearer' };
      await ovh.cloud.fault({ endpoint: 'token.code' }, { kind: 'respond', status: 200, body });
      expect(await ovh.exchange()).toMatchObject({ ttlSeconds: 3600, scopes: ['all'] });
    });
  });

  describe('the proof', () => {
    test('an expired or unknown access token is class revoked', async () => {
      const context = await ovh.connect();
      await ovh.cloud.change({ core: { clockOffsetSeconds: 3601 } });
      expect(await thrown(ovh.method().prove(context))).toMatchObject({
        class: 'revoked',
        problem: { code: 'credential_rejected' },
      });
      expect(await thrown(ovh.method().prove(ovh.holding(new Secret({ access_token: 'made-up' }))))).toMatchObject({
        class: 'revoked',
      });
    });

    test('a 403 during the proof names the missing IAM permissions', async () => {
      const context = await ovh.connect();
      const body = {
        class: 'Client::Forbidden',
        message: 'User not granted for this request',
        details: { unauthorizedActionsByIAM: 'account:apiovh:get', unauthorizedActionsByAuthentication: '' },
      };
      await ovh.cloud.fault({ endpoint: 'auth.details' }, { kind: 'respond', status: 403, body });
      const error = await thrown(ovh.method().prove(context));
      expect(error).toMatchObject({ class: 'user', problem: { code: 'permission_missing' } });
      expect(error.message).toContain('Missing IAM permissions: account:apiovh:get.');
    });

    test('a user who may not read /me is still proven, without a name', async () => {
      const context = await ovh.connect();
      await ovh.cloud.fault({ endpoint: 'me' }, { kind: 'respond', status: 403, body: {} });
      expect(await ovh.method().prove(context)).toEqual({
        account: { id: 'la12345-ovh', displayName: null },
        warnings: [],
      });
    });

    test('an API that is unavailable is a transient error, never a refusal', async () => {
      const context = await ovh.connect();
      await ovh.cloud.fault({ endpoint: 'auth.details' }, { kind: 'respond', status: 503 });
      expect(await thrown(ovh.method().prove(context))).toMatchObject({ class: 'transient' });
    });
  });

  test('a region that is unknown or not configured is reported before anything is sent', async () => {
    const context = await ovh.connect();
    expect((await thrown(ovh.method().prove({ ...context, region: 'ovh-mars' }))).message).toBe(
      "Invalid endpoint 'ovh-mars'. Must be one of: ovh-eu, ovh-us, ovh-ca",
    );
    const bare = ovhSignIn({ ...ovh.environment, OVH_US_CLIENT_SECRET: '' });
    const error = await thrown(bare.prove({ ...context, region: 'ovh-us' }));
    expect(error).toMatchObject({ class: 'config', delivery: 'not_sent' });
    expect(`${error.message} ${error.problem.remedy}`).toBe(
      'OAuth2 credentials not configured for ovh-us. Set OVH_US_CLIENT_SECRET and restart Mooring.',
    );
  });
});
