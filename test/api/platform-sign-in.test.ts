import { beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../api/connections/schema.ts';
import { openBrowser, type Browser } from './support/browser.ts';
import { platform, type Platform } from './support/connect.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();
const redirectUri = 'https://product.example/clouds/connected?tab=2';
const alice = 'session-of-alice-0001';
const mallory = 'session-of-mallory-01';

interface Initiated {
  readonly connection: Connection;
  readonly authorizationUrl: string;
}

describe.skipIf(address === null)('a sign-in of a platform’s own user', () => {
  let stack: Stack;
  let acme: Platform;
  let headers: { authorization: string };
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    headers = await stack.keyFor('acme', 'connections:read', 'connections:write');
    acme = platform(stack, headers);
    await stack.tenants.write('acme', {
      displayName: 'Acme',
      platformRedirectUris: [redirectUri],
      confirmsInvitations: true,
    });
  });

  const post = async (url: string, payload: object, more: Record<string, string> = {}) =>
    await stack.app.inject({ method: 'POST', url, headers: { ...headers, ...more }, payload });
  const initiate = async (sessionKey = alice): Promise<Initiated> => {
    const reply = await post('/ovh/oauth2/initiate', { endpoint: 'ovh-eu', redirectUri, sessionKey });
    expect(reply.statusCode, reply.body).toBe(201);
    return reply.json<Initiated>();
  };
  /** Signs in at the cloud; returns the callback and the URL with which the browser returns to the platform. */
  const signIn = async (url: string, browser: Browser, decision: 'approve' | 'refuse' = 'approve') => {
    const away = await browser.open(url);
    expect(away.statusCode, away.body).toBe(303);
    const callback = await stack.cloud.decide(new URL(away.headers.location ?? ''), { decision });
    const back = await browser.open(callback.href);
    expect(back.statusCode, back.body).toBe(303);
    return { callback: callback.href, back: new URL(back.headers.location ?? '') };
  };
  const complete = async (back: URL, sessionKey: string, more: Record<string, string> = {}) =>
    await post('/ovh/oauth2/callback', { completion: back.searchParams.get('completion') ?? '', sessionKey }, more);
  const stays = async (id: string) =>
    expect(await acme.get(id)).toMatchObject({ status: 'awaiting_customer', problem: null, account: null });

  it('a platform sign-in becomes active only when the platform sends the same session key again', async () => {
    const { connection, authorizationUrl } = await initiate();
    expect(new URL(authorizationUrl).origin).toBe(stack.publicUrl);
    const { back } = await signIn(authorizationUrl, openBrowser(stack));
    expect(back.href.startsWith(redirectUri)).toBe(true);
    expect(back.searchParams.get('connection')).toBe(connection.id);
    await stays(connection.id);
    expect((await complete(back, alice)).statusCode).toBe(202);
    expect(await acme.until(connection.id, 'active')).toMatchObject({ id: connection.id });
    // A completion works once.
    expect((await complete(back, alice)).json()).toMatchObject({ status: 409, code: 'completion_unknown' });
  });

  it('a platform sign-in that another session finished is never redeemed, not even by the first session', async () => {
    const { codesRedeemed } = await stack.cloud.counters();
    const { connection, authorizationUrl } = await initiate(mallory);
    const { back } = await signIn(authorizationUrl, openBrowser(stack));
    expect((await complete(back, alice)).json()).toMatchObject({ status: 409, code: 'session_mismatch' });
    await stays(connection.id);
    expect((await complete(back, mallory)).json()).toMatchObject({ status: 409, code: 'completion_unknown' });
    await stays(connection.id);
    expect((await stack.cloud.counters()).codesRedeemed).toBe(codesRedeemed);
  });

  it('a platform sign-in can be completed only by its own tenant, with the write scope', async () => {
    const { connection, authorizationUrl } = await initiate();
    const { back } = await signIn(authorizationUrl, openBrowser(stack));
    const foreign = await complete(back, alice, await stack.keyFor('umbrella', 'admin'));
    expect(foreign.json()).toMatchObject({ status: 409, code: 'completion_unknown' });
    expect((await complete(back, alice, await stack.keyFor('acme', 'connections:read'))).statusCode).toBe(403);
    expect((await complete(back, alice, { authorization: 'Bearer none' })).statusCode).toBe(401);
    await stays(connection.id);
    expect((await complete(back, alice)).statusCode).toBe(202);
  });

  it('a platform sign-in is refused in another browser than the one that was sent to the cloud', async () => {
    const { connection, authorizationUrl } = await initiate();
    const away = await openBrowser(stack).open(authorizationUrl);
    const callback = await stack.cloud.decide(new URL(away.headers.location ?? ''), {});
    expect((await openBrowser(stack).open(callback.href)).statusCode).toBe(403);
    await stays(connection.id);
  });

  it('a callback of a platform sign-in that is reloaded gets the same completion', async () => {
    const { authorizationUrl } = await initiate();
    const browser = openBrowser(stack);
    const { callback, back } = await signIn(authorizationUrl, browser);
    const again = await browser.open(callback);
    expect(again.statusCode).toBe(200);
    expect(again.body).toContain(back.searchParams.get('completion'));
    expect((await complete(back, alice)).statusCode).toBe(202);
  });

  it('a refusal at the cloud reaches the connection once the platform completes the sign-in', async () => {
    const { connection, authorizationUrl } = await initiate();
    const { back } = await signIn(authorizationUrl, openBrowser(stack), 'refuse');
    await stays(connection.id);
    expect((await complete(back, alice)).statusCode).toBe(202);
    await expect
      .poll(async () => (await acme.get(connection.id)).problem?.code, { timeout: 15_000 })
      .toBe('customer_declined');
  });

  it.each(['https://product.example/clouds/connected', 'https://evil.example/', `${redirectUri}#x`])(
    'a platform sign-in is refused for a redirect URI that is not exactly a listed one: %s',
    async (uri) => {
      const reply = await post('/ovh/oauth2/initiate', { endpoint: 'ovh-eu', redirectUri: uri, sessionKey: alice });
      expect(reply.json()).toMatchObject({ status: 422, code: 'redirect_uri_not_allowed' });
    },
  );

  it('an Idempotency-Key repeats a platform sign-in, and is refused with another session key or request', async () => {
    const key = { 'idempotency-key': 'platform-1' };
    const body = { endpoint: 'ovh-eu', redirectUri, sessionKey: alice };
    const [one, same] = [await post('/ovh/oauth2/initiate', body, key), await post('/ovh/oauth2/initiate', body, key)];
    expect([one.statusCode, same.statusCode]).toEqual([201, 200]);
    expect(same.json<Initiated>().connection.id).toBe(one.json<Initiated>().connection.id);
    const other = await post('/ovh/oauth2/initiate', { ...body, sessionKey: mallory }, key);
    expect(other.json()).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
    // The same key cannot create a plain link either, which would not be bound to the session key.
    const link = await acme.call('POST', '', { provider: 'ovh', region: 'ovh-eu' }, key);
    expect(link.json()).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
  });

  it('a platform sign-in with an unknown endpoint is refused, and the valid endpoints are named', async () => {
    const reply = await post('/ovh/oauth2/initiate', { endpoint: 'ovh-xx', redirectUri, sessionKey: alice });
    expect(reply.json()).toMatchObject({
      status: 400,
      detail: "Invalid endpoint 'ovh-xx'. Must be one of: ovh-eu, ovh-us, ovh-ca",
    });
  });

  it('the code and session key of a platform sign-in appear neither in the log nor in a URL of the platform', async () => {
    const { authorizationUrl } = await initiate();
    const { callback, back } = await signIn(authorizationUrl, openBrowser(stack));
    const code = new URL(callback).searchParams.get('code') ?? '';
    for (const secret of [code, alice, back.searchParams.get('completion') ?? '']) {
      expect(secret).not.toBe('');
      expect(stack.log()).not.toContain(secret);
      expect(authorizationUrl).not.toContain(secret);
      expect(back.href.replace(/completion=[^&]+/, '')).not.toContain(secret);
    }
  });

  it('a platform sign-in can no longer be completed after ten minutes', async () => {
    const { connection, authorizationUrl } = await initiate();
    const { back } = await signIn(authorizationUrl, openBrowser(stack));
    stack.advance(601);
    expect((await complete(back, alice)).json()).toMatchObject({ status: 409, code: 'completion_unknown' });
    await stays(connection.id);
  });

  it('a connection can be refreshed through the platform’s refresh endpoint, by its own tenant only', async () => {
    const { connection, authorizationUrl } = await initiate();
    const { back } = await signIn(authorizationUrl, openBrowser(stack));
    await complete(back, alice);
    await acme.until(connection.id, 'active');
    const reply = await post('/ovh/oauth2/refresh', { connection: connection.id });
    expect([200, 202, 429]).toContain(reply.statusCode);
    const foreign = await post(
      '/ovh/oauth2/refresh',
      { connection: connection.id },
      await stack.keyFor('umbrella', 'admin'),
    );
    expect(foreign.json()).toMatchObject({ status: 404, code: 'connection_not_found' });
  });
});
