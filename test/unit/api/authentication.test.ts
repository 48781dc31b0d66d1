import { beforeEach, describe, expect, it } from 'vitest';
import { composeApp, type ComposedApp } from './composed-app.ts';

const url = '/v1/providers';

describe('an API key', () => {
  let composed: ComposedApp;
  beforeEach(async () => {
    composed = await composeApp();
  });
  const status = async (headers: Record<string, string>, from = '127.0.0.1') =>
    (await composed.app.inject({ url, headers, remoteAddress: from })).statusCode;

  it('an API key is accepted with the required scope or with admin', async () => {
    expect(await status(await composed.keyFor('acme', 'connections:read'))).toBe(200);
    expect(await status(await composed.keyFor('acme', 'admin'))).toBe(200);
  });

  it('an API key without the required scope is refused, and the response names those that would do', async () => {
    const headers = await composed.keyFor('acme', 'credentials:read', 'connections:write');
    const reply = await composed.app.inject({ url, headers });
    expect(reply.statusCode).toBe(403);
    expect(reply.json()).toMatchObject({
      code: 'insufficient_scope',
      remedy:
        'Use a key of the tenant with the scope "connections:read" or "admin", or an operator\'s key with the scope "operator:providers".',
    });
  });

  it.each([
    ['absent', {}],
    ['of another scheme', { authorization: 'Basic abc' }],
    ['malformed', { authorization: 'Bearer nonsense' }],
    ['of the right form and unknown', { authorization: `Bearer mrg_${'0'.repeat(16)}_${'A'.repeat(43)}` }],
  ])('an API key that is %s is refused, and the response says how to send one', async (_what, headers) => {
    const reply = await composed.app.inject({ url, headers });
    expect(reply.statusCode).toBe(401);
    expect(reply.headers['www-authenticate']).toBe('Bearer realm="mooring"');
  });

  it('an API key that is sent from an address which it does not allow is refused, and the log names the key', async () => {
    const made = await composed.deps.apiKeys.create({
      tenant: 'acme',
      scopes: ['admin'],
      name: 'test',
      expiresAt: null,
      allowedAddresses: ['192.0.2.0/24'],
    });
    const headers = { authorization: `Bearer ${made.key.reveal()}` };
    expect(await status(headers, '192.0.2.7')).toBe(200);
    const reply = await composed.app.inject({ url, headers, remoteAddress: '203.0.113.9' });
    expect(reply.json()).toMatchObject({
      status: 403,
      code: 'address_not_allowed',
      detail: expect.stringContaining('203.0.113.9'),
    });
    expect(composed.log()).toContain(`"keyId":"${made.apiKey.id}"`);
  });

  it('an API key is in no log line', async () => {
    const { authorization } = await composed.keyFor('acme', 'connections:read');
    await composed.app.inject({ url, headers: { authorization } });
    await composed.app.inject({ url: '/v1/connections', headers: { authorization } });
    expect(composed.log()).toContain('"route":"/v1/providers"');
    expect(composed.log()).not.toContain(authorization.slice(-43));
  });

  it('the last use of an API key is written down once in five minutes, with the address', async () => {
    const headers = await composed.keyFor('acme', 'connections:read');
    const id = headers.authorization.split('_')[1] ?? '';
    const used = async () => await composed.deps.ephemeral.get(`api-key-use:${id}`);
    expect(await used()).toBeUndefined();
    await status(headers, '192.0.2.1');
    const first = { at: '2026-11-23T08:00:00.000Z', address: '192.0.2.1' };
    expect(await used()).toEqual(first);
    composed.clock.advance(299);
    await status(headers, '192.0.2.2');
    expect(await used()).toEqual(first);
    composed.clock.advance(1);
    await status(headers, '192.0.2.2');
    expect(await used()).toEqual({ at: '2026-11-23T08:05:00.000Z', address: '192.0.2.2' });
  });
});

describe('API keys that are refused again and again', () => {
  const guess = { authorization: `Bearer mrg_${'0'.repeat(16)}_${'A'.repeat(43)}` };

  it('after thirty refusals in a minute the same key from the same address is answered with 429', async () => {
    const { app, clock, keyFor } = await composeApp();
    const other = await keyFor('acme', 'admin');
    const wrong = { authorization: other.authorization.slice(0, -1) + (other.authorization.endsWith('A') ? 'E' : 'A') };
    const ask = async (headers: object, remoteAddress: string) =>
      await app.inject({ url, headers: { ...headers }, remoteAddress });
    for (let count = 0; count < 30; count++) expect((await ask(guess, '192.0.2.1')).statusCode).toBe(401);
    const reply = await ask(guess, '192.0.2.1');
    expect(reply.json()).toMatchObject({ status: 429, code: 'too_many_requests' });
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    // Counted apart: the same key from another address, and a key that exists with another secret.
    expect((await ask(guess, '192.0.2.2')).statusCode).toBe(401);
    expect((await ask(wrong, '192.0.2.1')).statusCode).toBe(401);
    clock.advance(61);
    expect((await ask(guess, '192.0.2.1')).statusCode).toBe(401);
  });

  it('a good key is never locked out, not even one that the process has not seen, nor by guesses of its own ID', async () => {
    const { app, keyFor, deps } = await composeApp();
    const headers = await keyFor('acme', 'connections:read');
    const [, id = ''] = headers.authorization.split('_');
    const address = '192.0.2.1';
    const ask = async (authorization: string) =>
      (await app.inject({ url, headers: { authorization }, remoteAddress: address })).statusCode;
    for (let count = 0; count < 40; count++) await ask(`Bearer mrg_${id}_${String(count).padEnd(43, 'A')}`);
    for (let count = 0; count < 40; count++)
      await ask(`Bearer mrg_${String(count).padStart(16, '0')}_${'A'.repeat(43)}`);
    expect(await ask(`Bearer mrg_${id}_${'A'.repeat(43)}`)).toBe(429);
    expect(await ask(headers.authorization)).toBe(200);
    expect(await ask((await keyFor('acme', 'admin')).authorization)).toBe(200);
    const operator = await deps.apiKeys.create({
      tenant: null,
      scopes: ['operator:providers'],
      name: 'x',
      expiresAt: null,
    });
    expect(await ask(`Bearer ${operator.key.reveal()}`)).toBe(200);
  });

  it('a refused key is answered with 401 where refusals cannot be counted', async () => {
    const { deps } = await composeApp();
    const { app, log } = await composeApp(
      {},
      { ephemeral: { ...deps.ephemeral, increment: async () => await Promise.reject(new Error('down')) } },
    );
    for (let count = 0; count < 40; count++) expect((await app.inject({ url, headers: guess })).statusCode).toBe(401);
    expect(log()).toContain('could not be counted');
  });
});

describe('a log line', () => {
  it('a log line has the route instead of the address, whose query and path carry codes and tokens', async () => {
    const composed = await composeApp();
    const { app } = composed;
    await app.inject('/ovh/oauth2/callback?code=a-secret-code&state=a-secret-state');
    await app.inject('/connect/a-secret-token');
    await app.inject('/nowhere/a-secret-path?q=a-secret-query');
    expect(composed.log()).toContain('"route":"/connect/:token"');
    expect(composed.log()).toContain('"route":"/ovh/oauth2/callback"');
    expect(composed.log()).not.toContain('a-secret');
  });
});
