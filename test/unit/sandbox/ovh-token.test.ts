import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { startOvh, type OvhUnderTest } from './ovh-under-test.ts';

let ovh: OvhUnderTest;
beforeAll(async () => void (ovh = await startOvh()));
beforeEach(() => ovh.cloud.reset());
afterAll(() => ovh.close());

const refused = (error: string) => ({ status: error === 'invalid_client' ? 401 : 400, body: { error } });

describe('redeeming a code', () => {
  test('a redeemed code returns both tokens, the type "Bearer", the lifetime and the scope, as at OVHcloud', async () => {
    const { status, body } = await ovh.token(await ovh.approvedCode());
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.stringMatching(/^ovh-at-/) as string,
      refresh_token: expect.stringMatching(/^ovh-rt-/) as string,
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'all',
    });
  });

  test.each([
    ['another verifier', { code_verifier: 'x'.repeat(43) }, 'invalid_grant'],
    ['no verifier', { code_verifier: '' }, 'invalid_grant'],
    ['another redirect_uri', { redirect_uri: 'http://127.0.0.1:5000/ovh/oauth2/callback/' }, 'invalid_grant'],
    ['an unknown code', { code: 'made-up' }, 'invalid_grant'],
    ['a wrong secret', { client_secret: 'wrong' }, 'invalid_client'],
    ['an unknown application', { client_id: 'nobody' }, 'invalid_client'],
    ['an unknown grant type', { grant_type: 'password' }, 'unsupported_grant_type'],
  ])('a token request with %s is refused, and the code stays valid', async (_, wrong, error) => {
    const form = await ovh.approvedCode();
    expect(await ovh.token({ ...form, ...wrong })).toMatchObject(refused(error));
    expect(await ovh.token(form)).toMatchObject({ status: 200 });
  });

  test('a second use of a code revokes the tokens of the first use', async () => {
    const { accessToken, refreshToken, code } = await ovh.signIn();
    expect(await ovh.token(code)).toMatchObject(refused('invalid_grant'));
    expect(await ovh.refresh(refreshToken)).toMatchObject(refused('invalid_grant'));
    expect(await ovh.api('/me', accessToken)).toMatchObject({ status: 403 });
    expect(await ovh.cloud.counters()).toMatchObject({ codesRedeemed: 1, codesRedeemedTwice: 1, grantsRevoked: 1 });
  });

  test('a code is valid for its lifetime and not a second longer', async () => {
    const [inTime, late] = [await ovh.approvedCode(), await ovh.approvedCode()];
    ovh.clock.advance(599);
    expect(await ovh.token(inTime)).toMatchObject({ status: 200 });
    ovh.clock.advance(1);
    expect(await ovh.token(late)).toMatchObject(refused('invalid_grant'));
  });

  test('a code of one region is refused in another', async () => {
    expect(await ovh.token(await ovh.approvedCode(), 'US')).toMatchObject(refused('invalid_grant'));
  });

  test('a verifier for a code without a challenge is refused, since PKCE was stripped on the way', async () => {
    await ovh.cloud.change({ ovh: { requirePkce: false } });
    const back = await ovh.cloud.decide(ovh.authorizeUrl());
    const { code: _, ...form } = await ovh.approvedCode();
    const stripped = { ...form, code: back.searchParams.get('code') ?? '' };
    expect(await ovh.token(stripped)).toMatchObject(refused('invalid_grant'));
  });
});

describe('refreshing', () => {
  test('a refresh returns a new refresh token, and the new one works', async () => {
    const { refreshToken } = await ovh.signIn();
    const { body } = await ovh.refresh(refreshToken);
    expect(body.refresh_token).not.toBe(refreshToken);
    expect(await ovh.refresh(body.refresh_token ?? '')).toMatchObject({ status: 200 });
    expect(await ovh.cloud.counters()).toMatchObject({
      accessTokensIssued: 3,
      refreshTokensIssued: 3,
      refreshTokensSpent: 2,
      refreshTokensSpentTwice: 0,
      requests: { 'token.code': 1, 'token.refresh': 2 },
    });
  });

  test('a spent refresh token that is used again revokes its whole grant, with successors and access tokens', async () => {
    const { accessToken, refreshToken } = await ovh.signIn();
    const successor = (await ovh.refresh(refreshToken)).body.refresh_token ?? '';
    expect(await ovh.refresh(refreshToken)).toMatchObject(refused('invalid_grant'));
    expect(await ovh.refresh(successor)).toMatchObject(refused('invalid_grant'));
    expect(await ovh.api('/me', accessToken)).toMatchObject({ status: 403 });
    expect(await ovh.cloud.counters()).toMatchObject({ refreshTokensSpentTwice: 1, grantsRevoked: 1 });
  });

  test('the list of grants shows, by their code, which were revoked by a reused token, and when', async () => {
    const [honest, stolen] = [await ovh.signIn(), await ovh.signIn()];
    await ovh.refresh(honest.refreshToken);
    await ovh.refresh(stolen.refreshToken);
    ovh.clock.advance(5);
    await ovh.refresh(stolen.refreshToken);
    const nowMs = ovh.clock.now();
    expect(await ovh.cloud.ovh.grants()).toMatchObject([
      { code: honest.code['code'], revokedAtMs: null, spentAgainAtMs: [] },
      { code: stolen.code['code'], revokedAtMs: nowMs, spentAgainAtMs: [nowMs] },
    ]);
  });

  test('a refresh after the expiry of the access token is counted', async () => {
    const { refreshToken } = await ovh.signIn();
    ovh.clock.advance(3599);
    const successor = (await ovh.refresh(refreshToken)).body.refresh_token ?? '';
    expect(await ovh.cloud.counters()).toMatchObject({ refreshedAfterExpiry: 0 });
    ovh.clock.advance(3600);
    expect(await ovh.refresh(successor)).toMatchObject({ status: 200 });
    expect(await ovh.cloud.counters()).toMatchObject({ refreshedAfterExpiry: 1 });
  });

  describe('with a grace window of 30 s', () => {
    beforeEach(() => ovh.cloud.change({ ovh: { rotationGraceSeconds: 30 } }));

    test('a spent token returns the same successor within the grace window, with the remaining lifetime', async () => {
      const { refreshToken } = await ovh.signIn();
      const first = await ovh.refresh(refreshToken);
      ovh.clock.advance(29);
      const again = await ovh.refresh(refreshToken);
      expect(again.body).toEqual({ ...first.body, expires_in: 3571 });
      expect(await ovh.cloud.counters()).toMatchObject({ refreshTokensSpent: 1, rotationsAnsweredAgain: 1 });
    });

    test('a spent token is refused from the end of the grace window', async () => {
      const { refreshToken } = await ovh.signIn();
      await ovh.refresh(refreshToken);
      ovh.clock.advance(30);
      expect(await ovh.refresh(refreshToken)).toMatchObject(refused('invalid_grant'));
    });

    test('a spent token is refused within the grace window where its successor was used', async () => {
      const { refreshToken } = await ovh.signIn();
      await ovh.refresh((await ovh.refresh(refreshToken)).body.refresh_token ?? '');
      expect(await ovh.refresh(refreshToken)).toMatchObject(refused('invalid_grant'));
    });
  });

  test('a refresh without rotation returns no new refresh token, and spends none', async () => {
    await ovh.cloud.change({ ovh: { rotateRefreshTokens: false } });
    const { refreshToken } = await ovh.signIn();
    for (const _ of [1, 2]) {
      const { status, body } = await ovh.refresh(refreshToken);
      expect(status).toBe(200);
      expect(body).not.toHaveProperty('refresh_token');
    }
    expect(await ovh.cloud.counters()).toMatchObject({ refreshTokensSpent: 0, refreshTokensSpentTwice: 0 });
  });

  test('a refresh token expires after its own lifetime', async () => {
    await ovh.cloud.change({ ovh: { refreshTokenLifetimeSeconds: 86_400 } });
    const { refreshToken } = await ovh.signIn();
    ovh.clock.advance(86_400);
    expect(await ovh.refresh(refreshToken)).toMatchObject(refused('invalid_grant'));
  });

  test('an unknown refresh token is refused, and spends nothing', async () => {
    expect(await ovh.refresh('made-up')).toMatchObject(refused('invalid_grant'));
    expect(await ovh.cloud.counters()).toMatchObject({ refreshTokensSpent: 0, refreshTokensSpentTwice: 0 });
  });
});

describe('a service account', () => {
  const service = { client_id: 'sandbox-eu-4b5a6978', client_secret: 'sandbox-eu-service-secret' };

  test('a service account gets an access token for scope "all", and no refresh token', async () => {
    const { body } = await ovh.token({ ...service, grant_type: 'client_credentials', scope: 'all' });
    expect(body).not.toHaveProperty('refresh_token');
    expect(await ovh.api('/auth/details', body.access_token)).toMatchObject({
      body: { identities: ['urn:v1:eu:identity:credential:la12345-ovh/oauth2-sandbox-eu-4b5a6978'] },
    });
  });

  test('a service account without a scope is refused with invalid_scope, as at OVHcloud', async () => {
    expect(await ovh.token({ ...service, grant_type: 'client_credentials' })).toMatchObject(refused('invalid_scope'));
  });

  test('a service account and a sign-in application cannot use the flow of the other', async () => {
    const form = { grant_type: 'client_credentials', scope: 'all' };
    expect(await ovh.token(form)).toMatchObject(refused('unauthorized_client'));
    expect(await ovh.token({ ...(await ovh.approvedCode()), ...service })).toMatchObject(
      refused('unauthorized_client'),
    );
  });
});

describe('revoking', () => {
  const revoke = async (token: string, secret?: string) =>
    fetch(ovh.environment['OVH_EU_REVOKE_URL'] ?? '', {
      method: 'POST',
      body: new URLSearchParams({
        token,
        client_id: ovh.environment['OVH_EU_CLIENT_ID'] ?? '',
        client_secret: secret ?? ovh.environment['OVH_EU_CLIENT_SECRET'] ?? '',
      }),
    });

  test('revoking an access token revokes it alone, and revoking a refresh token revokes its grant', async () => {
    const { accessToken, refreshToken } = await ovh.signIn();
    expect((await revoke(accessToken)).status).toBe(200);
    expect(await ovh.api('/me', accessToken)).toMatchObject({ status: 403 });
    const { body } = await ovh.refresh(refreshToken);
    expect((await revoke(body.refresh_token ?? '')).status).toBe(200);
    expect(await ovh.api('/me', body.access_token)).toMatchObject({ status: 403 });
    expect(await ovh.cloud.counters()).toMatchObject({ revocations: 2, grantsRevoked: 1 });
  });

  test('revoking an unknown token succeeds, but is refused with a wrong client secret', async () => {
    expect((await revoke('made-up')).status).toBe(200);
    expect((await revoke('made-up', 'wrong')).status).toBe(401);
  });

  test('withdrawing access ends the grants of that account in the named region, and no other grant', async () => {
    const { refreshToken } = await ovh.signIn();
    expect(await ovh.cloud.revokeOvhAccount('ob67890-ovh')).toBe(0);
    expect(await ovh.cloud.revokeOvhAccount('la12345-ovh', 'ovh-us')).toBe(0);
    expect(await ovh.cloud.revokeOvhAccount('la12345-ovh', 'ovh-eu')).toBe(1);
    expect(await ovh.refresh(refreshToken)).toMatchObject(refused('invalid_grant'));
  });
});
