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

  it('an API key without the required scope is refused, and the response names the missing scope', async () => {
    const headers = await composed.keyFor('acme', 'credentials:read', 'connections:write');
    const reply = await composed.app.inject({ url, headers });
    expect(reply.statusCode).toBe(403);
    expect(reply.json()).toMatchObject({
      code: 'insufficient_scope',
      remedy: expect.stringContaining('connections:read'),
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

  it('a revoked API key is refused after 30 seconds, and accepted from the cache until then', async () => {
    const headers = await composed.keyFor('acme', 'connections:read');
    expect(await status(headers)).toBe(200);
    await composed.deps.secrets.destroy('config', `api-keys/${headers.authorization.split('_')[1]}`);
    composed.clock.advance(29);
    expect(await status(headers)).toBe(200);
    composed.clock.advance(1);
    expect(await status(headers)).toBe(401);
  });

  it('guessed API keys of an address are answered with 429 after thirty failures in a minute', async () => {
    const guess = { authorization: `Bearer mrg_${'0'.repeat(16)}_${'A'.repeat(43)}` };
    const good = await composed.keyFor('acme', 'connections:read');
    expect(await status(good, '192.0.2.1')).toBe(200);
    for (let count = 0; count <= 30; count++) expect(await status(guess, '192.0.2.1')).toBe(401);
    const reply = await composed.app.inject({ url, headers: guess, remoteAddress: '192.0.2.1' });
    expect(reply.statusCode).toBe(429);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    // Another address is not limited, and neither is a key that was valid within the last hour.
    expect(await status(guess, '192.0.2.2')).toBe(401);
    composed.clock.advance(31);
    expect(await status(good, '192.0.2.1')).toBe(200);
    composed.clock.advance(30);
    expect(await status(guess, '192.0.2.1')).toBe(401);
  });

  it('an API key is in no log line', async () => {
    const { authorization } = await composed.keyFor('acme', 'connections:read');
    await composed.app.inject({ url, headers: { authorization } });
    await composed.app.inject({ url: '/v1/connections', headers: { authorization } });
    expect(composed.log()).toContain('"route":"/v1/providers"');
    expect(composed.log()).not.toContain(authorization.slice(-43));
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
