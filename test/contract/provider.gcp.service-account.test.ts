import { createPublicKey } from 'node:crypto';

import { jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import type { JsonObject } from '../../platform/json.ts';
import { thrown } from './thrown.ts';
import { startGcpOnSandbox, type GcpOnSandbox } from './provider.gcp.on-sandbox.ts';
import { createManualClock } from './manual-clock.ts';

type KeyFile = Readonly<Record<string, string>>;

const newcomer = 'newcomer@lindqvist-web.iam.gserviceaccount.com';

describe("Google's service accounts", () => {
  let gcp: GcpOnSandbox;
  beforeAll(async () => void (gcp = await startGcpOnSandbox()));
  afterEach(() => gcp.cloud.reset());
  afterAll(() => gcp.close());

  const newKey = async (account?: string): Promise<KeyFile> => ({ ...(await gcp.cloud.gcp.createKey(account)) });
  const submitted = (file: object | string, more: JsonObject = {}) =>
    gcp.holding({ service_account_key: typeof file === 'string' ? file : JSON.stringify(file), ...more });
  const requests = async () => (await gcp.cloud.counters('gcp')).requests;

  describe('a key that Google refuses', () => {
    test('a key that Google does not know yet is a transient error, and works once it is known', async () => {
      await gcp.cloud.change({ gcp: { keyPropagationSeconds: 60 } });
      const context = submitted(await newKey());
      const error = await thrown(gcp.serviceAccount().prove(context));
      expect(error).toMatchObject({ class: 'transient', problem: { code: 'key_not_known' } });
      expect(error.message).toContain('Google says: "Invalid JWT Signature."');
      await gcp.cloud.change({ core: { clockOffsetSeconds: 61 } });
      await expect(gcp.serviceAccount().prove(context)).resolves.toMatchObject({ issued: { ttlSeconds: 3599 } });
    });

    test('a key that has worked before and is deleted is class revoked', async () => {
      const file = await newKey();
      const { issued } = await gcp.serviceAccount().prove(submitted(file));
      const context = submitted(file, issued?.fields.reveal());
      await expect(gcp.serviceAccount().refresh(context)).resolves.toMatchObject({ renewable: true });
      await gcp.cloud.gcp.deleteKey(file['client_email'] ?? '', file['private_key_id'] ?? '');
      for (const call of ['refresh', 'prove'] as const) {
        expect(await thrown(gcp.serviceAccount()[call](context))).toMatchObject({
          class: 'revoked',
          delivery: 'answered',
          problem: { code: 'key_withdrawn' },
        });
      }
    });

    test('a key that Google refuses because our clock is wrong is class config', async () => {
      const clock = createManualClock(Date.now() - 7_200_000);
      const error = await thrown(gcp.serviceAccount({ clock }).prove(submitted(await newKey())));
      expect(error).toMatchObject({ class: 'config', problem: { code: 'clock_skew' } });
    });

    test.for([
      {
        error: 'invalid_grant',
        description: 'Invalid grant: account not found',
        class: 'transient',
        code: 'key_not_known',
      },
      { error: 'invalid_grant', description: 'Account disabled', class: 'user', code: 'service_account_refused' },
      { error: 'unauthorized_client', description: 'Unauthorized', class: 'user', code: 'service_account_refused' },
      { error: 'internal_failure', description: 'Sorry', class: 'transient', code: 'internal_failure' },
    ])('Google’s error $error ($description) is class $class', async ({ error, description, code, ...verdict }) => {
      await gcp.cloud.fault({ endpoint: 'token.jwt_bearer' }, { kind: 'refuse', error, description });
      expect(await thrown(gcp.serviceAccount().prove(submitted(await newKey())))).toMatchObject({
        ...verdict,
        problem: { code },
      });
    });
  });

  describe('the projects', () => {
    test('a service account without a project is a transient error, with the role to grant', async () => {
      const context = submitted(await newKey(newcomer));
      const error = await thrown(gcp.serviceAccount().prove(context));
      expect(error).toMatchObject({ class: 'transient', problem: { code: 'no_projects' } });
      expect(error.problem.remedy).toContain(
        `gcloud projects add-iam-policy-binding lindqvist-web --member="serviceAccount:${newcomer}" --role=roles/viewer`,
      );
      await gcp.cloud.gcp.grant(newcomer, ['okafor-shop']);
      await expect(gcp.serviceAccount().prove(context)).resolves.toMatchObject({
        account: { id: '120000000000000000002', displayName: newcomer },
      });
    });

    test('an API that is disabled in the key’s own project is a transient error, with the link to enable it', async () => {
      await gcp.cloud.change({ gcp: { resourceManagerEnabled: false } });
      const context = submitted(await newKey());
      const error = await thrown(gcp.serviceAccount().prove(context));
      expect(error).toMatchObject({ class: 'transient', problem: { code: 'api_not_enabled' } });
      expect(error.problem.link).toMatch(
        /\/apis\/library\/cloudresourcemanager\.googleapis\.com\?project=101010101011$/,
      );
      await gcp.cloud.change({ gcp: { resourceManagerEnabled: true } });
      await expect(gcp.serviceAccount().prove(context)).resolves.toBeDefined();
    });

    test('a new token that Google does not know yet says nothing about the key', async () => {
      const context = submitted(await newKey());
      await gcp.cloud.fault({ endpoint: 'userinfo' }, { kind: 'respond', status: 401, body: {} });
      expect(await thrown(gcp.serviceAccount().prove(context))).toMatchObject({
        class: 'transient',
        problem: { code: 'token_not_usable_yet' },
      });
    });
  });

  describe('network faults', () => {
    test.for([
      { status: 500, delivery: 'unknown' },
      { status: 503, delivery: 'answered' },
      { status: 429, delivery: 'answered' },
    ])('HTTP $status is one request, which the library does not retry', async ({ status, delivery }) => {
      const context = submitted(await newKey());
      const headers = { 'retry-after': '11' };
      await gcp.cloud.fault({ endpoint: 'token.jwt_bearer' }, { kind: 'respond', status, headers, body: '' }, null);
      const error = await thrown(gcp.serviceAccount().refresh(context));
      expect(error).toMatchObject({ class: 'transient', delivery, retryAfterSeconds: 11 });
      expect(await requests()).toEqual({ 'token.jwt_bearer': 1 });
    });

    test('a cut connection is one request, with an unknown outcome', async () => {
      const context = submitted(await newKey());
      await gcp.cloud.fault({ endpoint: 'token.jwt_bearer' }, { kind: 'drop_after' }, null);
      const error = await thrown(gcp.serviceAccount().refresh(context));
      expect(error).toMatchObject({ class: 'transient', delivery: 'unknown', problem: { code: 'cloud_unreachable' } });
      expect(await requests()).toEqual({ 'token.jwt_bearer': 1 });
    });

    test('a refresh at a cloud that hangs times out at the deadline', async () => {
      const context = submitted(await newKey());
      await gcp.cloud.fault({ endpoint: 'token.jwt_bearer' }, { kind: 'hold_before' });
      const error = await thrown(gcp.serviceAccount({ deadlineMs: 200 }).refresh(context));
      expect(error.message).toContain('no answer within 0.2 s');
    });

    test.for([
      { what: 'no access token', body: { token_type: 'Bearer', expires_in: 3599 }, code: 'no_access_token' },
      { what: 'an HTML page', body: '<h1>Maintenance</h1>', code: 'cloud_answer_unexpected' },
    ])('a 200 response with $what is a transient error', async ({ body, code }) => {
      const context = submitted(await newKey());
      await gcp.cloud.fault({ endpoint: 'token.jwt_bearer' }, { kind: 'respond', status: 200, body });
      expect(await thrown(gcp.serviceAccount().refresh(context))).toMatchObject({
        class: 'transient',
        problem: { code },
      });
    });
  });

  test('the assertion is valid for another JWT library, and the token has the lifetime that the response gave', async () => {
    const file = await newKey();
    const forms: URLSearchParams[] = [];
    const answering: typeof fetch = (_url, init) => {
      forms.push(init?.body as URLSearchParams);
      return Promise.resolve(Response.json({ access_token: 'ya29.x', expires_in: 1800, token_type: 'Bearer' }));
    };
    const google = gcp.serviceAccount({ fetch: answering }, { GCP_TOKEN_URL: '' });
    const issued = await google.refresh(submitted(file, { access_token: 'of-an-earlier-day' }));
    expect(issued).toMatchObject({ ttlSeconds: 1800, renewable: true });
    expect(forms).toHaveLength(1);
    expect(forms[0]?.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const publicKey = createPublicKey(file['private_key'] ?? '');
    const { payload, protectedHeader } = await jwtVerify(forms[0]?.get('assertion') ?? '', publicKey, {
      issuer: file['client_email'] ?? '',
      audience: 'https://oauth2.googleapis.com/token',
      maxTokenAge: 3600,
      requiredClaims: ['exp', 'scope'],
    });
    expect(protectedHeader.alg).toBe('RS256');
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
    expect(payload['scope']).toContain('https://www.googleapis.com/auth/cloud-platform');
  });

  test('a revocation reports that the key lives on, and how to delete it', async () => {
    const file = await newKey();
    const { issued } = await gcp.serviceAccount().prove(submitted(file));
    const token = issued?.fields.reveal()['access_token'] as string;
    const outcome = await gcp.serviceAccount().revoke(submitted(file, { access_token: token }));
    expect(outcome).toMatchObject({ outcome: 'unsupported' });
    expect(JSON.stringify(outcome)).toContain(
      `gcloud iam service-accounts keys delete ${file['private_key_id']} --iam-account=${file['client_email']}`,
    );
    const asked = await fetch(gcp.environment['GCP_REVOKE_URL'] ?? '', {
      method: 'POST',
      body: new URLSearchParams({ token }),
    });
    expect(await asked.json(), 'why it is not tried').toMatchObject({ error_description: 'Token is not revocable.' });
  });
});
