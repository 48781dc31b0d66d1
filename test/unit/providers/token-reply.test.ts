import { describe, expect, test } from 'vitest';
import { CallError } from '../../../providers/http/call-error.ts';
import { createOAuthClient } from '../../../providers/oauth/oauth.ts';
import { lenientTokenReply } from '../../../providers/oauth/token-reply.ts';
import { Secret } from '../../../platform/secret.ts';

const TEN_YEARS = 10 * 365 * 24 * 60 * 60;
const lenientReply = async (response: Response): Promise<unknown> =>
  await (await lenientTokenReply(response, { readsIdToken: true })).json();

const tokens = { access_token: 'access', refresh_token: 'refresh' };
const reply = (body: unknown, init: ResponseInit = {}): Response =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), {
    headers: { 'content-type': 'application/json' },
    ...init,
  });

const lifetimes: readonly [given: unknown, seconds: number | undefined][] = [
  [3600, 3600],
  ['3600', 3600],
  [1799.5, 1799],
  [1e12, TEN_YEARS],
  [null, undefined],
  [0, undefined],
  [-1, undefined],
  ['soon', undefined],
  [{}, undefined],
];

describe('a token reply that is prepared for a strict parser', () => {
  test.each(lifetimes)('a token reply with a lifetime of %j gets the lifetime %s', async (expires_in, seconds) => {
    expect(await lenientReply(reply({ ...tokens, token_type: 'Bearer', expires_in }))).toEqual({
      ...tokens,
      token_type: 'Bearer',
      ...(seconds === undefined ? {} : { expires_in: seconds }),
    });
  });

  test.each([[undefined], [null], [''], [7], ['MAC'], ['DPoP']])(
    'a token reply with the token type %j gets the type Bearer',
    async (token_type) => {
      expect(await lenientReply(reply({ ...tokens, token_type }))).toEqual({ ...tokens, token_type: 'Bearer' });
    },
  );

  test.each([[null], [7], [['all']]])('the invalid scope %j is left out of a token reply', async (scope) => {
    expect(await lenientReply(reply({ ...tokens, scope }))).not.toHaveProperty('scope');
  });

  test.each([[null], [''], [7]])('the invalid refresh token %j is left out of a token reply', async (refresh_token) => {
    expect(await lenientReply(reply({ ...tokens, refresh_token }))).not.toHaveProperty('refresh_token');
  });

  test('the ID token is left out of a token reply where it is not read', async () => {
    const lenient = await lenientTokenReply(reply({ ...tokens, id_token: 'jwt' }), { readsIdToken: false });
    expect(await lenient.json()).toEqual({ ...tokens, token_type: 'Bearer' });
  });

  test('a token reply keeps all other fields, and gets status 200 and content type application/json', async () => {
    const body = { ...tokens, token_type: 'Bearer', scope: 'all', id_token: 'jwt', extra: { deep: [1, null] } };
    const given = reply(body, { status: 201, headers: { 'content-type': 'text/plain' } });
    const lenient = await lenientTokenReply(given, { readsIdToken: true });
    expect(lenient.status).toBe(200);
    expect(lenient.headers.get('content-type')).toBe('application/json');
    expect(await lenient.json()).toEqual(body);
  });

  test.each([
    ['an error', reply({ error: 'invalid_grant', access_token: 'no' }, { status: 400 })],
    ['a page', reply('<html>Sign in</html>')],
    ['empty', reply('')],
    ['not an object', reply('["access_token"]')],
    ['null', reply('null')],
    ['a reply without an access token', reply({ refresh_token: 'refresh', expires_in: null })],
  ])('a reply is returned unchanged where it is %s', async (_what, response) => {
    const lenient = await lenientTokenReply(response, { readsIdToken: true });
    expect(lenient).toBe(response);
    expect(lenient.bodyUsed).toBe(false);
  });
});

describe('the tokens of an odd reply are kept', () => {
  const client = (body: unknown, init?: ResponseInit) =>
    createOAuthClient({
      server: {
        issuer: 'https://cloud.example',
        tokenUrl: 'https://cloud.example/token',
        clientId: 'mooring',
        clientSecret: new Secret('client-secret'),
      },
      http: () => Promise.resolve(reply(body, init)),
      clock: { now: () => Date.parse('2030-01-01T00:00:00.000Z') },
    });
  const { signal } = new AbortController();
  const oddities: readonly [string, object, number | null, ResponseInit?][] = [
    ['as it should be', { ...tokens, token_type: 'Bearer', expires_in: 3600, scope: 'all' }, 3600],
    ['without a token type', { ...tokens, expires_in: 3600 }, 3600],
    ...lifetimes.map(([expires_in, seconds]): [string, object, number | null] => [
      `with a lifetime of ${JSON.stringify(expires_in)}`,
      { ...tokens, expires_in },
      seconds ?? null,
    ]),
    ['with an invalid scope', { ...tokens, scope: null }, null],
    ['with a token type of another kind', { ...tokens, token_type: 'MAC' }, null],
    ['with an invalid ID token', { ...tokens, id_token: 'no JWT' }, null],
    ['with another status and content type', tokens, null, { status: 201, headers: { 'content-type': 'text/html' } }],
    ['with a challenge', tokens, null, { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } }],
  ];

  test.each(oddities)(
    'a refresh keeps the tokens and the lifetime of a reply %s',
    async (_what, body, ttlSeconds, init) => {
      const kept = await client(body, init).refresh(new Secret('spent'), signal);
      expect(kept.accessToken.reveal()).toBe('access');
      expect(kept.refreshToken?.reveal()).toBe('refresh');
      expect(kept.ttlSeconds).toBe(ttlSeconds);
    },
  );

  test.each(oddities)(
    'an exchange keeps the refresh token and the lifetime of a reply %s',
    async (_what, body, ttlSeconds, init) => {
      const request = {
        code: new Secret('code'),
        verifier: new Secret('v'.repeat(43)),
        redirectUri: 'https://m.example/cb',
      };
      const kept = await client(body, init).exchange({ ...request, iss: null, signal });
      expect(kept.refreshToken?.reveal()).toBe('refresh');
      expect(kept.ttlSeconds).toBe(ttlSeconds);
    },
  );

  test('the fields of a token reply that RFC 6749 does not define can be read', async () => {
    const info = { uuid: 'u-1', team: 'core' };
    const kept = await client({ ...tokens, expires_in: 60, id_token: 'jwt', info }).refresh(
      new Secret('spent'),
      signal,
    );
    expect(kept.others.reveal()).toEqual({ info });
  });

  test('a client credentials grant keeps the access token and its lifetime', async () => {
    const kept = await client({ access_token: 'access', expires_in: '3600' }).clientCredentials(['all'], signal);
    expect([kept.accessToken.reveal(), kept.ttlSeconds]).toEqual(['access', 3600]);
  });

  test('an OAuth error in a token reply is reported as that error', async () => {
    const error: unknown = await client({ error: 'invalid_grant' }, { status: 400 })
      .refresh(new Secret('spent'), signal)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CallError);
    expect((error as CallError).failure).toMatchObject({ kind: 'oauth', error: 'invalid_grant' });
  });

  test('a token reply with a refresh token but no access token fails as no_access_token', async () => {
    const error: unknown = await client({ refresh_token: 'refresh', expires_in: null })
      .refresh(new Secret('spent'), signal)
      .catch((reason: unknown) => reason);
    expect((error as CallError).failure).toMatchObject({ kind: 'no_access_token' });
  });
});
