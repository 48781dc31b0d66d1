import { generateKeyPairSync } from 'node:crypto';

import { decodeJwt, importPKCS8, SignJWT } from 'jose';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import { createSandboxClient, type SandboxClient } from '../../../sandbox/client.ts';
import { createSandbox, sandboxEnvironment } from '../../../sandbox/sandbox.ts';
import { ada, gcpGranted, gcpRedirectUri } from '../../contract/provider.gcp.harness.ts';

const mooring = 'mooring@lindqvist-web.iam.gserviceaccount.com';

describe('the simulated Google', () => {
  let cloud: SandboxClient;
  let url: string;
  let environment: Record<string, string>;
  beforeEach(async () => {
    const sandbox = createSandbox();
    onTestFinished(() => sandbox.close());
    url = await sandbox.listen();
    environment = sandboxEnvironment(url);
    cloud = createSandboxClient(url);
  });

  const post = async (path: string, form: Record<string, string>) => {
    const response = await fetch(`${url}/gcp${path}`, { method: 'POST', body: new URLSearchParams(form) });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };
  const credentials = () => ({
    client_id: environment['GCP_CLIENT_ID'] ?? '',
    client_secret: environment['GCP_CLIENT_SECRET'] ?? '',
  });
  async function tokens() {
    const { code, verifier } = await gcpGranted(environment, (at) => cloud.decide(at, { account: ada.email }));
    const form = { grant_type: 'authorization_code', code: code.reveal(), code_verifier: verifier.reveal() };
    return (await post('/token', { ...form, redirect_uri: gcpRedirectUri, ...credentials() })).body;
  }

  test('a redeemed code returns tokens, and an ID token that names the person who signed in', async () => {
    const { id_token = '', ...others } = await tokens();
    expect(decodeJwt(id_token)).toMatchObject({
      iss: environment['GCP_ISSUER_URL'],
      aud: environment['GCP_CLIENT_ID'],
      sub: ada.sub,
      email: ada.email,
    });
    expect(others).toMatchObject({
      expires_in: 3599,
      token_type: 'Bearer',
      refresh_token: expect.any(String) as string,
    });
  });

  test('revoking either token ends the grant, and revoking it again is an error, as at the real Google', async () => {
    for (const kind of ['access_token', 'refresh_token']) {
      const granted = await tokens();
      const token = granted[kind] ?? '';
      expect(await post('/revoke', { token })).toMatchObject({ status: 200 });
      expect(await post('/revoke', { token })).toMatchObject({ status: 400, body: { error: 'invalid_token' } });
      const refreshing = { grant_type: 'refresh_token', refresh_token: granted['refresh_token'] ?? '' };
      expect(await post('/token', { ...refreshing, ...credentials() })).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' },
      });
    }
  });

  describe('an assertion', () => {
    const now = () => Math.floor(Date.now() / 1000);
    async function redeem(claims: object, alg = 'RS256', pem?: string) {
      const file = await cloud.gcp.createKey();
      const aud = `${url}/gcp/token`;
      const right = { iss: mooring, aud, scope: 'openid', iat: now(), exp: now() + 3600 };
      const assertion = await new SignJWT({ ...right, ...claims })
        .setProtectedHeader({ alg })
        .sign(await importPKCS8(pem ?? file['private_key'] ?? '', alg));
      return await post('/token', { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
    }
    const anotherKey = () =>
      generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

    test('a valid assertion returns an access token and no other token', async () => {
      const { status, body } = await redeem({});
      expect(status).toBe(200);
      expect(Object.keys(body).toSorted()).toEqual(['access_token', 'expires_in', 'token_type']);
    });

    test.for([
      { what: 'of another account', claims: { iss: 'nobody@example.com' }, says: 'account not found' },
      { what: 'for another server', claims: { aud: 'https://elsewhere.example/token' }, says: 'aud' },
      { what: 'that is a day old', claims: { iat: now() - 86_400, exp: now() - 82_800 }, says: 'reasonable timeframe' },
      { what: 'that is to live for two hours', claims: { exp: now() + 7200 }, says: 'short-lived' },
      { what: 'without a scope', claims: { scope: '' }, says: 'scope' },
    ])('an assertion $what is refused', async ({ claims, says }) => {
      const { status, body } = await redeem(claims);
      expect(status).toBe(400);
      expect(body['error_description']).toContain(says);
    });

    test('an assertion signed with another key or another algorithm is refused', async () => {
      expect((await redeem({}, 'RS256', anotherKey())).body['error_description']).toBe('Invalid JWT Signature.');
      expect((await redeem({}, 'PS256')).body['error_description']).toContain('Failed to parse');
    });
  });

  describe('its console', () => {
    const keyShown = async (page: Response) => {
      const shown = /<textarea[^>]*>([^<]*)<\/textarea>/.exec(await page.text())?.[1] ?? '';
      return JSON.parse(shown.replaceAll('&quot;', '"')) as Record<string, string>;
    };

    test('the console shows the same ready key each time, with the token URL that Mooring is configured with', async () => {
      const at = `${url.replace('127.0.0.1', 'localhost')}/gcp/console/iam-admin/serviceaccounts`;
      const file = await keyShown(await fetch(at));
      expect(file).toMatchObject({ client_email: mooring, token_uri: environment['GCP_TOKEN_URL'] });
      expect(await keyShown(await fetch(at))).toEqual(file);
      const made = await keyShown(await fetch(at, { method: 'POST', body: new URLSearchParams({ account: mooring }) }));
      expect(made['private_key_id']).not.toBe(file['private_key_id']);
      const secrets = (await cloud.issued('gcp'))['privateKey'] ?? [];
      expect(secrets.some((line) => file['private_key']?.includes(line))).toBe(true);
    });
  });
});
