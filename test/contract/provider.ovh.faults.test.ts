import { calculatePKCECodeChallenge, generateRandomCodeVerifier } from 'oauth4webapi';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import type { CallContext } from '../../activities/providers/provider.ts';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import { createSandboxClient, type SandboxClient } from '../../sandbox/client.ts';
import { createSandbox, sandboxEnvironment, type Sandbox } from '../../sandbox/sandbox.ts';
import { thrown } from './provider.contract.ts';
import { ovhAuthorizeUrl, ovhRedirectUri, ovhRegion, ovhSignIn } from './provider.ovh.harness.ts';

const region = ovhRegion;
const signal = new AbortController().signal;

describe('OVHcloud when things go wrong', () => {
  let sandbox: Sandbox;
  let cloud: SandboxClient;
  let environment: Record<string, string>;
  beforeAll(async () => {
    sandbox = createSandbox();
    environment = sandboxEnvironment(await sandbox.listen());
    cloud = createSandboxClient(sandbox.url);
  });
  afterEach(() => cloud.reset());
  afterAll(() => sandbox.close());

  const method = (options: { deadlineMs?: number } = {}) => ovhSignIn(environment, options);
  const holding = (fields: Secret<JsonObject>, more: JsonObject = {}): CallContext => ({
    region,
    record: new Secret({ ...fields.reveal(), ...more }),
    signal,
  });
  async function granted() {
    const verifier = generateRandomCodeVerifier();
    const back = await cloud.decide(ovhAuthorizeUrl(environment, await calculatePKCECodeChallenge(verifier)));
    const code = new Secret(back.searchParams.get('code') ?? '');
    return { region, code, verifier: new Secret(verifier), redirectUri: ovhRedirectUri, iss: null, signal };
  }
  const exchange = async (request?: Awaited<ReturnType<typeof granted>>) =>
    (await method().exchange?.(request ?? (await granted()))) ?? expect.fail('no exchange');
  const connect = async () => holding((await exchange()).fields);

  describe('no answer is never a refusal', () => {
    test('a connection cut before the token was spent: unknown, and the same token works next time', async () => {
      const context = await connect();
      await cloud.fault({ endpoint: 'token.refresh' }, { kind: 'drop_before' });
      expect(await thrown(method().refresh(context))).toMatchObject({ class: 'transient', delivery: 'unknown' });
      await expect(method().refresh(context)).resolves.toMatchObject({ renewable: true });
      expect(await cloud.counters()).toMatchObject({ refreshTokensSpent: 1, refreshTokensSpentTwice: 0 });
    });

    test('a connection cut after it was spent: unknown just the same, and only the replay finds out', async () => {
      const context = await connect();
      await cloud.fault({ endpoint: 'token.refresh' }, { kind: 'drop_after' });
      expect(await thrown(method().refresh(context))).toMatchObject({ class: 'transient', delivery: 'unknown' });
      expect(await thrown(method().refresh(context))).toMatchObject({ class: 'revoked', delivery: 'answered' });
    });

    test('within the grace window a replay answers the successor that was lost', async () => {
      await cloud.change({ ovh: { rotationGraceSeconds: 30 } });
      const context = await connect();
      await cloud.fault({ endpoint: 'token.refresh' }, { kind: 'drop_after' });
      await thrown(method().refresh(context));
      const replayed = await method().refresh(context);
      await expect(method().refresh(holding(replayed.fields))).resolves.toMatchObject({ renewable: true });
      expect(await cloud.counters()).toMatchObject({ refreshTokensSpentTwice: 1, rotationsAnsweredAgain: 1 });
    });

    test('a cloud that hangs is given up on at the deadline, and what was asked may have been done', async () => {
      const context = await connect();
      await cloud.fault({ endpoint: 'token.refresh' }, { kind: 'hold_before' });
      const error = await thrown(method({ deadlineMs: 100 }).refresh(context));
      expect(error).toMatchObject({ class: 'transient', delivery: 'unknown', problem: { code: 'cloud_unreachable' } });
      expect(error.message).toContain('no answer within 0.1 s');
    });

    test('a call that is cancelled ends at once, and what was asked may have been done', async () => {
      const context = await connect();
      const cancellation = new AbortController();
      await cloud.fault({ endpoint: 'token.refresh' }, { kind: 'hold_before' });
      const call = thrown(method().refresh({ ...context, signal: cancellation.signal }));
      await cloud.waitForHold('token.refresh');
      cancellation.abort();
      expect(await call).toMatchObject({ class: 'transient', delivery: 'unknown' });
    });
  });

  describe('an outage says nothing about the credential', () => {
    test.each([
      { status: 500, delivery: 'unknown' },
      { status: 502, delivery: 'unknown' },
      { status: 503, delivery: 'answered' },
      { status: 504, delivery: 'unknown' },
    ])('HTTP $status is transient, and whether a token was spent is $delivery', async ({ status, delivery }) => {
      const context = await connect();
      for (const body of ['<h1>Sorry</h1>', { error: 'invalid_grant' }]) {
        await cloud.fault({ endpoint: 'token.refresh' }, { kind: 'respond', status, body });
        expect(await thrown(method().refresh(context))).toMatchObject({
          class: 'transient',
          delivery,
          problem: { code: 'cloud_unavailable' },
        });
      }
    });

    test('429 is transient, and says when to come back', async () => {
      const context = await connect();
      const headers = { 'retry-after': '17' };
      const body = { error: 'temporarily_unavailable' };
      await cloud.fault({ endpoint: 'token.*' }, { kind: 'respond', status: 429, headers, body }, 2);
      const limited = { class: 'transient', delivery: 'answered', retryAfterSeconds: 17 };
      expect(await thrown(method().refresh(context))).toMatchObject(limited);
      expect(await thrown(exchange())).toMatchObject(limited);
    });

    test.each([
      { what: 'a maintenance page with status 200', status: 200, body: '<h1>Maintenance</h1>' },
      { what: 'a redirect', status: 302, body: '' },
      { what: "a firewall's page with status 403", status: 403, body: '<h1>Blocked</h1>' },
    ])('$what is no refusal of the grant', async ({ status, body }) => {
      const context = await connect();
      await cloud.fault({ endpoint: 'token.refresh' }, { kind: 'respond', status, body });
      expect(await thrown(method().refresh(context))).toMatchObject({
        class: 'transient',
        problem: { code: 'cloud_answer_unexpected' },
      });
    });
  });

  describe('a refusal names its cause and remedy', () => {
    test('the exchange: single use, reload and redirect URI, in the words that users know', async () => {
      await cloud.fault({ endpoint: 'token.code' }, { kind: 'refuse', error: 'invalid_grant' });
      const { message, problem } = await thrown(exchange());
      expect(message).toMatch(/^Token exchange failed: invalid_grant\. .*single use.*reloaded.*redirect_uri/);
      expect(problem.remedy).toContain('OVH_EU_REDIRECT_URI');
    });

    test('a refresh after the user withdrew the access in the control panel is class revoked', async () => {
      const context = await connect();
      expect(await cloud.revokeOvhAccount('la12345-ovh')).toBe(1);
      const error = await thrown(method().refresh(context));
      expect(error).toMatchObject({ class: 'revoked', problem: { code: 'invalid_grant' } });
      expect(error.message).toContain('control panel');
    });

    test.each(['invalid_client', 'unauthorized_client', 'unsupported_grant_type', 'invalid_scope'])(
      '%s is for the operator',
      async (code) => {
        await cloud.fault({ endpoint: 'token.code' }, { kind: 'refuse', error: code });
        expect(await thrown(exchange())).toMatchObject({ class: 'config', problem: { code } });
      },
    );

    test('a 401 with a challenge and no readable body is still about our client authentication', async () => {
      const headers = { 'www-authenticate': 'Basic realm="oauth"' };
      await cloud.fault({ endpoint: 'token.code' }, { kind: 'respond', status: 401, headers, body: '' });
      expect(await thrown(exchange())).toMatchObject({ class: 'config', problem: { code: 'invalid_client' } });
    });

    test("an error of the customer's making can't look like the operator's", async () => {
      await cloud.fault({ endpoint: 'token.code' }, { kind: 'refuse', error: 'invalid_request' });
      expect(await thrown(exchange())).toMatchObject({ class: 'user' });
    });

    test('a missing endpoint names the variable that points to it', async () => {
      const context = await connect();
      await cloud.fault({ endpoint: 'token.refresh' }, { kind: 'respond', status: 404, body: '' });
      const error = await thrown(method().refresh(context));
      expect(error).toMatchObject({ class: 'config', problem: { code: 'endpoint_not_found' } });
      expect(error.problem.remedy).toContain('OVH_EU_TOKEN_URL');
    });

    test("the cloud's own words are quoted without what we sent, even if it echoes it", async () => {
      const context = await connect();
      const token = String(context.record.reveal()['refresh_token']);
      const refusal = { error: 'invalid_grant', description: `token ${token}\nis expired` };
      await cloud.fault({ endpoint: 'token.refresh' }, { kind: 'refuse', ...refusal });
      const { message } = await thrown(method().refresh(context));
      expect(message).toContain('OVHcloud says: "token [redacted] is expired"');
    });
  });

  describe('an incomplete reply', () => {
    test('no refresh token: connected all the same, with the warning that users know', async () => {
      await cloud.change({ ovh: { omitRefreshToken: true } });
      const issued = await exchange();
      expect(issued).toMatchObject({ renewable: false });
      expect(issued.warnings.map(({ message }) => message)).toEqual([
        'No refresh token received - user may need to re-authorize after expiration',
      ]);
      expect(issued.fields.reveal()).not.toHaveProperty('refresh_token');
    });

    test('a refresh that brings no new refresh token keeps the old one, which stays good', async () => {
      const context = await connect();
      await cloud.change({ ovh: { omitRefreshToken: true } });
      const issued = await method().refresh(context);
      expect(issued).toMatchObject({ renewable: true, warnings: [] });
      expect(issued.fields.reveal()).not.toHaveProperty('refresh_token');
      await expect(method().refresh(context)).resolves.toMatchObject({ renewable: true });
    });

    test('no access token at sign-in: the person is told so in the known words', async () => {
      await cloud.change({ ovh: { omitAccessToken: true } });
      const error = await thrown(exchange());
      expect(error).toMatchObject({ class: 'user', problem: { code: 'no_access_token' } });
      expect(error.message).toContain('No access_token received from OVH');
    });

    test('no access token on a refresh: the new refresh token is saved, beside the old access token', async () => {
      const issued = await exchange();
      const expiresAt = Math.floor(Date.now() / 1000) + 600;
      const context = holding(issued.fields, { expires_at: expiresAt });
      await cloud.change({ ovh: { omitAccessToken: true } });
      const rescued = await method().refresh(context);
      expect(Object.keys(rescued.fields.reveal())).toEqual(['refresh_token']);
      expect(rescued.ttlSeconds).toBeGreaterThan(590);
      expect(rescued.ttlSeconds).toBeLessThanOrEqual(600);
      await cloud.change({ ovh: { omitAccessToken: false } });
      await expect(method().refresh(holding(rescued.fields))).resolves.toMatchObject({ renewable: true });
    });

    test('a lifetime other than the documented hour is believed', async () => {
      await cloud.change({ ovh: { accessTokenLifetimeSeconds: 86_399 } });
      expect(await exchange()).toMatchObject({ ttlSeconds: 86_399 });
    });

    test('no lifetime at all: the documented hour', async () => {
      const body = { access_token: 'some-token', token_type: 'bearer' };
      await cloud.fault({ endpoint: 'token.code' }, { kind: 'respond', status: 200, body });
      expect(await exchange()).toMatchObject({ ttlSeconds: 3600, scopes: ['all'] });
    });
  });

  describe('the proof', () => {
    test('an expired access token is class revoked, an unknown one too', async () => {
      const context = await connect();
      await cloud.change({ core: { clockOffsetSeconds: 3601 } });
      expect(await thrown(method().prove(context))).toMatchObject({
        class: 'revoked',
        problem: { code: 'credential_rejected' },
      });
      expect(await thrown(method().prove(holding(new Secret({ access_token: 'made-up' }))))).toMatchObject({
        class: 'revoked',
      });
    });

    test('missing IAM permissions are named', async () => {
      const context = await connect();
      const body = {
        class: 'Client::Forbidden',
        message: 'User not granted for this request',
        details: { unauthorizedActionsByIAM: 'account:apiovh:get', unauthorizedActionsByAuthentication: '' },
      };
      await cloud.fault({ endpoint: 'auth.details' }, { kind: 'respond', status: 403, body });
      const error = await thrown(method().prove(context));
      expect(error).toMatchObject({ class: 'user', problem: { code: 'permission_missing' } });
      expect(error.message).toContain('Missing IAM permissions: account:apiovh:get.');
    });

    test('a user who may not read /me is proven all the same, without a name', async () => {
      const context = await connect();
      await cloud.fault({ endpoint: 'me' }, { kind: 'respond', status: 403, body: {} });
      expect(await method().prove(context)).toEqual({
        account: { id: 'la12345-ovh', displayName: null },
        warnings: [],
      });
    });

    test('an API that is down is "not yet", never a refusal', async () => {
      const context = await connect();
      await cloud.fault({ endpoint: 'auth.details' }, { kind: 'respond', status: 503 });
      expect(await thrown(method().prove(context))).toMatchObject({ class: 'transient' });
    });
  });

  test('a revocation that was cut short is done in full the next time', async () => {
    const context = await connect();
    await cloud.fault({ endpoint: 'revoke' }, { kind: 'drop_after' });
    expect(await thrown(method().revoke(context))).toMatchObject({ class: 'transient', delivery: 'unknown' });
    expect(await method().revoke(context)).toMatchObject({ outcome: 'revoked' });
    expect(await cloud.counters()).toMatchObject({ grantsRevoked: 1 });
  });

  test('a region that does not exist, and one that is not configured, are told before anything is sent', async () => {
    const context = await connect();
    expect((await thrown(method().prove({ ...context, region: 'ovh-mars' }))).message).toBe(
      "Invalid endpoint 'ovh-mars'. Must be one of: ovh-eu, ovh-us, ovh-ca",
    );
    const bare = ovhSignIn({ ...environment, OVH_US_CLIENT_SECRET: '' });
    const error = await thrown(bare.prove({ ...context, region: 'ovh-us' }));
    expect(error).toMatchObject({ class: 'config', delivery: 'not_sent' });
    expect(`${error.message} ${error.problem.remedy}`).toBe(
      'OAuth2 credentials not configured for ovh-us. Set OVH_US_CLIENT_SECRET and restart Mooring.',
    );
  });
});
