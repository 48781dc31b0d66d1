import { calculatePKCECodeChallenge, generateRandomCodeVerifier } from 'oauth4webapi';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { thrown } from './thrown.ts';
import { ada, gcpAuthorizeUrl, gcpGranted, gcpRedirectUri } from './provider.gcp.harness.ts';
import { startGcpOnSandbox, type GcpOnSandbox } from './provider.gcp.on-sandbox.ts';

const DAY_SECONDS = 86_400;
const chloe = 'chloe@moreau.example';

describe('signing in with Google', () => {
  let gcp: GcpOnSandbox;
  beforeAll(async () => void (gcp = await startGcpOnSandbox()));
  afterEach(() => gcp.cloud.reset());
  afterAll(() => gcp.close());

  describe('the redirect URI', () => {
    test('an unregistered redirect URI is named exactly when the code is exchanged', async () => {
      const request = await gcpGranted(gcp.environment, (url) => gcp.cloud.decide(url, { account: ada.email }));
      const other = { ...request, redirectUri: 'https://mooring.example/callback' };
      const error = await thrown(gcp.signIn().exchange?.(other) ?? expect.fail());
      expect(error).toMatchObject({ class: 'config', problem: { code: 'redirect_uri_mismatch' } });
      expect(error.problem.remedy).toContain('add exactly https://mooring.example/callback to');
    });

    test('an authorization request with an unregistered redirect URI gets no code', async () => {
      await gcp.cloud.change({ gcp: { callbackUrls: ['https://elsewhere.example/callback'] } });
      const url = gcpAuthorizeUrl(gcp.environment, await calculatePKCECodeChallenge(generateRandomCodeVerifier()));
      const page = await fetch(url);
      expect(page.status).toBe(400);
      expect(await page.text()).toMatch(new RegExp(`redirect_uri=${gcpRedirectUri}.*redirect_uri_mismatch`, 's'));
    });
  });

  describe('the refresh token', () => {
    test('every sign-in gives a refresh token, because consent is requested each time', async () => {
      for (let times = 0; times < 2; times++) expect(await gcp.exchange()).toMatchObject({ renewable: true });
    });

    test('a second sign-in without a consent prompt gives no refresh token, and a warning says so', async () => {
      await gcp.exchange();
      const issued = await gcp.exchange({ changed: { prompt: '' } });
      expect(issued).toMatchObject({ renewable: false });
      expect(issued.warnings).toMatchObject([
        { message: 'No refresh token received - user may need to re-authorize after expiration' },
      ]);
    });

    test('a refresh token stays the same, however often it is used', async () => {
      const context = await gcp.connect();
      for (let times = 0; times < 3; times++) {
        const { fields } = await gcp.signIn().refresh(context);
        expect(fields.reveal()).not.toHaveProperty('refresh_token');
      }
      expect(await gcp.cloud.counters('gcp')).toMatchObject({ refreshTokensIssued: 1, accessTokensIssued: 4 });
    });

    test('a refresh token expires after seven days in publishing status Testing, and the error names that cause', async () => {
      await gcp.cloud.change({ gcp: { publishingStatus: 'testing' } });
      const { fields, warnings } = await gcp.exchange();
      expect(warnings, 'told on the first day').toMatchObject([{ code: 'access_ends' }]);
      const [, said = ''] = /ends this access on (\S+ \S+) UTC/.exec(warnings[0]?.message ?? '') ?? [];
      const expected = Date.now() + 7 * DAY_SECONDS * 1000;
      expect(Math.abs(Date.parse(`${said.replace(' ', 'T')}Z`) - expected)).toBeLessThan(120_000);
      const context = gcp.holding(fields.reveal());
      await gcp.cloud.change({ core: { clockOffsetSeconds: 7 * DAY_SECONDS - 60 } });
      await expect(gcp.signIn().refresh(context)).resolves.toMatchObject({ renewable: true });
      await gcp.cloud.change({ core: { clockOffsetSeconds: 7 * DAY_SECONDS + 60 } });
      const error = await thrown(gcp.signIn().refresh(context));
      expect(error).toMatchObject({ class: 'revoked', delivery: 'answered', problem: { code: 'invalid_grant' } });
      for (const cause of ['7 days', 'Testing', '6 months', 'withdraws', '100 refresh tokens']) {
        expect(error.message).toContain(cause);
      }
      expect(error.message).toContain('Google says: "Token has been expired or revoked."');
      expect(error.problem.remedy).toContain('In production');
    });

    test('a refresh token still works after 1000 days in publishing status production', async () => {
      const context = await gcp.connect();
      await gcp.cloud.change({ core: { clockOffsetSeconds: 1000 * DAY_SECONDS } });
      await expect(gcp.signIn().refresh(context)).resolves.toMatchObject({ renewable: true });
    });

    test('a refresh token of a user who withdrew the access is class revoked', async () => {
      const context = await gcp.connect();
      expect(await gcp.cloud.gcp.revokeAccount(ada.email)).toBe(1);
      expect(await thrown(gcp.signIn().refresh(context))).toMatchObject({ class: 'revoked' });
      expect(await thrown(gcp.signIn().prove(context))).toMatchObject({
        class: 'revoked',
        problem: { code: 'credential_rejected' },
      });
    });

    test('a policy on session length is named as the cause of a refused refresh', async () => {
      const context = await gcp.connect();
      const body = { error: 'invalid_grant', error_description: 'reauth related error (invalid_rapt)' };
      await gcp.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'respond', status: 400, body });
      const error = await thrown(gcp.signIn().refresh(context));
      expect(error).toMatchObject({ class: 'revoked' });
      expect(error.message).toContain('policy on Google Cloud sessions');
    });
  });

  describe('the proof', () => {
    test('an unticked permission is reported as scope_not_granted, not as revoked access', async () => {
      const withoutBox = async (url: URL) => {
        const body = new URLSearchParams({ account: ada.email, decision: 'approve', boxes: 'shown' });
        body.append('scope', 'openid');
        body.append('scope', 'https://www.googleapis.com/auth/userinfo.email');
        const { headers } = await fetch(url, { method: 'POST', body, redirect: 'manual' });
        return new URL(headers.get('location') ?? expect.fail('no redirect'));
      };
      const issued = await gcp.signIn().exchange?.(await gcpGranted(gcp.environment, withoutBox));
      const context = gcp.holding(issued?.fields.reveal() ?? {});
      expect(await thrown(gcp.signIn().prove(context))).toMatchObject({
        class: 'user',
        problem: { code: 'scope_not_granted' },
      });
    });

    test('an account without a project is a transient error with the role to grant, and proven once it has one', async () => {
      const context = await gcp.connect(chloe);
      const error = await thrown(gcp.signIn().prove(context));
      expect(error).toMatchObject({ class: 'transient', problem: { code: 'no_projects' } });
      expect(error.message).toContain(chloe);
      expect(error.problem.remedy).toContain(`--member="user:${chloe}" --role=roles/viewer`);
      expect(error.problem.link).toBe(`${gcp.environment['GCP_CONSOLE_URL']}/iam-admin/iam`);
      await gcp.cloud.gcp.grant(chloe, ['okafor-shop']);
      await expect(gcp.signIn().prove(context)).resolves.toMatchObject({ account: { displayName: chloe } });
    });

    test('a project that is being deleted does not count', async () => {
      await gcp.cloud.gcp.grant(chloe, ['lindqvist-old']);
      expect(await thrown(gcp.signIn().prove(await gcp.connect(chloe)))).toMatchObject({ class: 'transient' });
    });

    test('every page of the list of projects is read, also after an empty page', async () => {
      await gcp.cloud.gcp.grant(chloe, ['lindqvist-old', 'okafor-shop']);
      await gcp.cloud.change({ gcp: { projectsPageSize: 1 } });
      const context = await gcp.connect(chloe);
      const emptyPage = { nextPageToken: Buffer.from('0').toString('base64url') };
      await gcp.cloud.fault({ endpoint: 'projects.search' }, { kind: 'respond', status: 200, body: emptyPage });
      await expect(gcp.signIn().prove(context)).resolves.toMatchObject({ warnings: [] });
      expect((await gcp.cloud.counters('gcp')).requests).toMatchObject({ 'projects.search': 3 });
    });

    test('a project whose row is odd is left out with a warning, and the others count', async () => {
      const context = await gcp.connect();
      const respond = (projects: unknown[]) =>
        gcp.cloud.fault({ endpoint: 'projects.search' }, { kind: 'respond', status: 200, body: { projects } });
      await respond([{ state: 'ACTIVE' }, { projectId: 'good' }]);
      const { warnings } = await gcp.signIn().prove(context);
      expect(warnings).toMatchObject([{ code: 'list_partly_unreadable' }]);
      await respond([{ state: 'ACTIVE' }]);
      expect(await thrown(gcp.signIn().prove(context))).toMatchObject({
        class: 'transient',
        problem: { code: 'cloud_answer_unexpected' },
      });
    });

    test('a list of projects that does not end times out, and is not taken as empty', async () => {
      const context = await gcp.connect();
      await gcp.cloud.fault({ endpoint: 'projects.search' }, { kind: 'hold_before' });
      const error = await thrown(gcp.signIn({ listDeadlineMs: 200 }).prove(context));
      expect(error).toMatchObject({ class: 'transient', problem: { code: 'cloud_unreachable' } });
      expect(error.message).toContain('the list of projects was not complete within 0.2 s');
    });

    test('a token that expired while a role was awaited is renewed, and the new token is returned', async () => {
      const connected = await gcp.connect();
      await gcp.cloud.change({ core: { clockOffsetSeconds: 4000 } });
      const record = connected.record.reveal();
      expect(await thrown(gcp.signIn().prove(connected))).toMatchObject({ class: 'revoked' });
      const proof = await gcp.signIn().prove(gcp.holding({ ...record, expires_at: Math.floor(Date.now() / 1000) }));
      expect(proof.account.id).toBe(ada.sub);
      expect(proof.issued).toMatchObject({ renewable: true, ttlSeconds: 3599 });
      expect(proof.issued?.fields.reveal()['access_token']).not.toBe(record['access_token']);
    });

    test('an API that is not enabled is class config, with the link to enable it', async () => {
      const context = await gcp.connect();
      await gcp.cloud.change({ gcp: { resourceManagerEnabled: false } });
      const error = await thrown(gcp.signIn().prove(context));
      expect(error).toMatchObject({ class: 'config', problem: { code: 'api_not_enabled' } });
      expect(error.problem.remedy).toContain(
        'gcloud services enable cloudresourcemanager.googleapis.com --project=909090909099',
      );
      expect(error.problem.link).toBe(
        `${gcp.environment['GCP_CONSOLE_URL']}/apis/library/cloudresourcemanager.googleapis.com?project=909090909099`,
      );
    });

    test.for([
      {
        what: 'a refusal in words of Google',
        status: 403,
        body: { error: { message: 'Prohibited by organization policy' } },
        verdict: { class: 'user', problem: { code: 'permission_missing' } },
      },
      {
        what: 'a quota that is used up',
        status: 403,
        body: { error: { details: [{ reason: 'RATE_LIMIT_EXCEEDED' }] } },
        verdict: { class: 'transient', problem: { code: 'cloud_rate_limited' } },
      },
      {
        what: 'an outage',
        status: 503,
        body: '',
        verdict: { class: 'transient', problem: { code: 'cloud_unavailable' } },
      },
      {
        what: 'a wrong address',
        status: 404,
        body: '',
        verdict: { class: 'config', problem: { code: 'endpoint_not_found' } },
      },
    ])('$what while projects are listed is reported as its own error', async ({ status, body, verdict }) => {
      const context = await gcp.connect();
      await gcp.cloud.fault({ endpoint: 'projects.search' }, { kind: 'respond', status, body });
      expect(await thrown(gcp.signIn().prove(context))).toMatchObject(verdict);
    });
  });

  describe('error codes of the token endpoint', () => {
    test.for([
      { error: 'deleted_client', class: 'config' },
      { error: 'unauthorized_client', class: 'config' },
      { error: 'invalid_scope', class: 'config' },
      { error: 'admin_policy_enforced', class: 'user' },
      { error: 'internal_failure', class: 'transient' },
      { error: 'never_heard_of', class: 'user' },
    ])('error $error of the token endpoint is class $class', async ({ error, ...verdict }) => {
      await gcp.cloud.fault({ endpoint: 'token.code' }, { kind: 'refuse', error, description: 'Bad Request' });
      const problem = await thrown(gcp.exchange());
      expect(problem).toMatchObject({ ...verdict, problem: { code: error } });
      expect(problem.message).not.toContain('Bad Request');
    });
  });

  test('a revocation sends the token in the body, without our client ID, and revokes the whole grant', async () => {
    const context = await gcp.connect();
    const sent: { url: string; body: URLSearchParams }[] = [];
    const recording: typeof fetch = (url, init) => {
      sent.push({ url: new Request(url).url, body: new URLSearchParams(init?.body as URLSearchParams) });
      return fetch(url, init);
    };
    await gcp.signIn({ fetch: recording }).revoke(context);
    expect(sent).toHaveLength(2);
    for (const { url, body } of sent) {
      expect(url).toBe(gcp.environment['GCP_REVOKE_URL']);
      expect([...body.keys()].toSorted()).toEqual(['token', 'token_type_hint']);
    }
    expect(await gcp.cloud.counters('gcp')).toMatchObject({ revocations: 1, grantsRevoked: 1 });
  });

  test('the short names of the settings work too, and a missing setting is reported by its canonical name', async () => {
    const { GCP_CLIENT_ID: CLIENT_ID, GCP_CLIENT_SECRET: CLIENT_SECRET } = gcp.environment;
    const seeds = { GCP_CLIENT_ID: '', GCP_CLIENT_SECRET: '', CLIENT_ID, CLIENT_SECRET };
    const context = await gcp.connect();
    await expect(gcp.signIn({}, seeds).refresh(context)).resolves.toMatchObject({ renewable: true });
    const error = await thrown(gcp.signIn({}, { GCP_CLIENT_SECRET: '' }).refresh(context));
    expect(`${error.message} ${error.problem.remedy}`).toBe(
      'OAuth2 credentials not configured for gcp. Set GCP_CLIENT_SECRET and restart Mooring.',
    );
    expect((await thrown(gcp.signIn().prove({ ...context, region: 'mars' }))).message).toBe(
      "Invalid region 'mars'. Must be one of: global",
    );
  });
});
