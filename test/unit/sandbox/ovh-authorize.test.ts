import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { redirectUri, startOvh, type OvhUnderTest } from './ovh-under-test.ts';

let ovh: OvhUnderTest;
beforeAll(async () => void (ovh = await startOvh()));
beforeEach(() => ovh.cloud.reset());
afterAll(() => ovh.close());

const challenge = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' };
const open = async (parameters: Record<string, string | null> = {}) =>
  fetch(ovh.authorizeUrl({ ...challenge, ...parameters }), { redirect: 'manual' });

describe('the sign-in page', () => {
  test('the sign-in page says that it is simulated, names the application, and offers an account and both answers', async () => {
    const response = await open();
    const html = await response.text();
    expect(response.status).toBe(200);
    for (const text of ['Simulated OVHcloud', 'ovh-eu', 'Mooring', 'la12345-ovh', 'Approve', 'Refuse']) {
      expect(html).toContain(text);
    }
  });

  test('the sign-in page loads and runs nothing, and does not echo markup', async () => {
    const response = await open({ state: '"><script>alert(1)</script>' });
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await response.text()).not.toContain('<script');
  });

  test('opening the sign-in page only shows it and redeems no code, since link scanners open links', async () => {
    await open();
    expect(await ovh.cloud.counters()).toMatchObject({ requests: { 'authorize.page': 1 }, codesRedeemed: 0 });
  });
});

describe('the decision', () => {
  test('an approved sign-in returns to the callback with a code and the state', async () => {
    const back = await ovh.cloud.decide(ovh.authorizeUrl(challenge), { account: 'ob67890-ovh' });
    expect(`${back.origin}${back.pathname}`).toBe(redirectUri);
    expect(Object.fromEntries(back.searchParams)).toEqual({
      code: expect.stringMatching(/^ovh-ac-/) as string,
      state: 'some-state',
    });
  });

  test('a refused sign-in returns with access_denied, its description and the state, and no code', async () => {
    const back = await ovh.cloud.decide(ovh.authorizeUrl(challenge), { decision: 'refuse' });
    expect(Object.fromEntries(back.searchParams)).toEqual({
      error: 'access_denied',
      error_description: 'The resource owner denied the request',
      state: 'some-state',
    });
  });

  test('a redirect_uri with its own query keeps it', async () => {
    const back = await ovh.cloud.decide(ovh.authorizeUrl({ ...challenge, redirect_uri: `${redirectUri}?a=b` }));
    expect(back.searchParams.get('a')).toBe('b');
    expect(back.searchParams.has('code')).toBe(true);
  });

  test('the callback names the issuer where that is switched on', async () => {
    await ovh.cloud.change({ ovh: { issuer: 'https://www.ovh.com' } });
    expect((await ovh.cloud.decide(ovh.authorizeUrl(challenge))).searchParams.get('iss')).toBe('https://www.ovh.com');
  });
});

describe('a wrong request', () => {
  test.each([
    ['an unknown application', { client_id: 'nobody' }],
    ['an application of the other flow', { client_id: 'sandbox-eu-4b5a6978' }],
    ['no redirect_uri', { redirect_uri: null }],
    ['a redirect_uri that is no URL', { redirect_uri: 'callback' }],
  ])('a request with %s gets an error page, and is never redirected', async (_, parameters) => {
    const response = await open(parameters);
    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
  });

  test('a redirect_uri that is not exactly a registered one is refused', async () => {
    await ovh.cloud.change({ ovh: { callbackUrls: [redirectUri] } });
    expect((await open()).status).toBe(200);
    expect((await open({ redirect_uri: `${redirectUri}/` })).status).toBe(400);
  });

  test.each([
    ['no PKCE', { code_challenge: null, code_challenge_method: null }, 'invalid_request'],
    ['a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a challenge that can be no SHA-256', { code_challenge: 'short' }, 'invalid_request'],
    ['another scope', { scope: 'openid' }, 'invalid_scope'],
    ['another response type', { response_type: 'token' }, 'unsupported_response_type'],
  ])('a request with %s is redirected back with an error and the state', async (_, parameters, error) => {
    const location = (await open(parameters)).headers.get('location') ?? '';
    expect(new URL(location).searchParams.get('error')).toBe(error);
    expect(new URL(location).searchParams.get('state')).toBe('some-state');
  });
});
