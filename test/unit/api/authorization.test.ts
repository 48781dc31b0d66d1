import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { authorizationAnswer } from '../../../api/sign-in/callback.ts';
import { authorizeUrl, mintVerifier } from '../../../api/sign-in/begin-sign-in.ts';
import { asRedirect, createProviderCatalog } from '../../../api/connections/provider-catalog.ts';
import { manifests } from '../../../providers/manifests/all.ts';
import { manifest } from '../../../providers/ovh/manifest.ts';
import { namesIssuer, resolveSettings } from '../../../providers/manifests/settings.ts';
import type { EphemeralStore } from '../../../stores/ephemeral/port.ts';
import { composeApp } from './composed-app.ts';

const wayWith = (environment: Record<string, string> = {}) => {
  const ready = { OVH_EU_CLIENT_ID: 'our-client', OVH_EU_CLIENT_SECRET: 'secret', ...environment };
  const way = createProviderCatalog([resolveSettings(manifest, ready)]).choose('ovh', 'ovh-eu', undefined);
  return asRedirect(way, 'https://mooring.example') ?? expect.fail('no redirect');
};

describe('the address that the browser is sent to', () => {
  it('the authorization URL has exactly the parameters of RFC 6749, 4.1.1 with PKCE, and not the verifier', async () => {
    const verifier = mintVerifier(randomBytes);
    const url = new URL(await authorizeUrl(wayWith(), 'the-state', verifier));
    expect(url.origin + url.pathname).toBe('https://www.ovh.com/auth/oauth2/authorize');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'our-client',
      response_type: 'code',
      redirect_uri: 'https://mooring.example/ovh/oauth2/callback',
      scope: 'all',
      state: 'the-state',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    expect(url.href).not.toContain(verifier);
  });

  it('the authorization URL can be overridden by the operator, also with http', async () => {
    const way = wayWith({ OVH_EU_AUTHORIZE_URL: 'http://127.0.0.1:9/authorize?tenant=1' });
    const url = new URL(await authorizeUrl(way, 's', 'v'));
    expect(url.href).toMatch(/^http:\/\/127\.0\.0\.1:9\/authorize\?tenant=1&/);
  });

  it('the PKCE verifier has 86 characters and differs each time', () => {
    const verifiers = Array.from({ length: 20 }, () => mintVerifier(randomBytes));
    for (const verifier of verifiers) expect(verifier).toMatch(/^[A-Za-z0-9_-]{86}$/);
    expect(new Set(verifiers).size).toBe(20);
  });
});

describe('the answer of the cloud', () => {
  const answerTo = (query: string) => authorizationAnswer(wayWith(), new URLSearchParams(query), 's');
  const code = (value: string) => expect.objectContaining({ code: value });

  it('the response of the cloud is a code, with its issuer where one is named', () => {
    expect(answerTo('code=c&state=s')).toEqual({ kind: 'code', code: 'c', iss: null });
    const iss = 'https://www.ovh.com';
    expect(answerTo(`code=c&state=s&iss=${iss}`)).toEqual({ kind: 'code', code: 'c', iss });
  });

  it('the response of the cloud is refused when another issuer sent it (mix-up, RFC 9207)', () => {
    expect(() => answerTo('code=c&state=s&iss=https://evil.example')).toThrow(code('invalid_authorization_response'));
  });

  it('the response of the cloud is refused without an issuer where the cloud always names it (RFC 9207)', () => {
    const strict = (query: string) =>
      authorizationAnswer(wayWith({ OVH_EU_ISSUER_IN_CALLBACK: 'true' }), new URLSearchParams(query), 's');
    expect(() => strict('code=c&state=s')).toThrow(code('issuer_missing'));
    expect(() => strict('code=c&state=s&iss=')).toThrow(code('issuer_missing'));
    expect(() => strict('error=access_denied&state=s')).toThrow(code('issuer_missing'));
    expect(strict('code=c&state=s&iss=https://www.ovh.com')).toMatchObject({ kind: 'code' });
  });

  it('an issuer is asked for exactly where the cloud publishes that it names it: at Google', () => {
    const named = manifests.flatMap((each) =>
      [...resolveSettings(each, {}).regions.values()].filter(namesIssuer).map(() => each.id),
    );
    expect(named).toEqual(['gcp']);
  });

  it('the response of the cloud is refused when its state is repeated or wrong', () => {
    expect(() => answerTo('code=c&state=s&state=s')).toThrow(code('invalid_authorization_response'));
    expect(() => answerTo('code=c&state=t')).toThrow(code('invalid_authorization_response'));
  });

  it('the response of the cloud to a customer who declined is an error with its description', () => {
    expect(answerTo('error=access_denied&error_description=No+thanks&state=s')).toEqual({
      kind: 'error',
      error: 'access_denied',
      description: 'No thanks',
    });
  });

  it('the response of the cloud keeps no malformed error code and no unbounded description', () => {
    const answer = answerTo(`error=${encodeURIComponent('<b>x</b>')}&error_description=${'y'.repeat(5000)}&state=s`);
    expect(answer).toMatchObject({ error: 'unknown_error' });
    expect(answer.kind === 'error' && answer.description?.length).toBe(300);
  });

  it('the response of the cloud keeps no character of a description that nobody sees', () => {
    const description = encodeURIComponent('No\u202Eeman\u200B\u0007\n thanks');
    expect(answerTo(`error=access_denied&error_description=${description}&state=s`)).toMatchObject({
      description: 'Noeman thanks',
    });
  });

  it.each(['code', 'state', 'error', 'error_description', 'iss', 'session_state'])(
    'the response of the cloud is refused with a page where the parameter %s is repeated, before its state is looked up',
    async (name) => {
      const { app } = await composeApp({}, { ephemeral: untouchable });
      const answer = new URLSearchParams({ code: 'c', state: 'A'.repeat(43) });
      answer.append(name, 'one');
      if (!['code', 'state'].includes(name)) answer.append(name, 'two');
      const reply = await app.inject(`/ovh/oauth2/callback?${answer.toString()}`);
      expect([reply.statusCode, reply.headers['content-type']]).toEqual([400, 'text/html; charset=utf-8']);
      expect(reply.body).toContain('repeated_parameter');
    },
  );
});

/** Fails each call: what is refused must be refused before. */
const untouchable = new Proxy({} as EphemeralStore, {
  get: (_target, name) => () => Promise.reject(new Error(`The ephemeral store must not be reached (${String(name)}).`)),
});
