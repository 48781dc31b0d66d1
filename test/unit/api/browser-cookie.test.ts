import cookie from '@fastify/cookie';
import Fastify from 'fastify';
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createBrowserCookie } from '../../../api/sign-in/browser.ts';
import { keyRing } from './support.ts';

async function server(publicUrl: string) {
  const browser = createBrowserCookie({ keyRing, randomBytes, publicUrl });
  const app = Fastify();
  await app.register(cookie);
  app.get('/ensure', async (request, reply) => ({ digest: browser.ensure(request, reply) }));
  app.get('/matches/:digest', async (request) =>
    browser.matches(request, (request.params as { digest: string }).digest),
  );
  return app;
}

describe('the cookie that a sign-in is bound to', () => {
  it('the browser cookie is closed to scripts, plain http and sibling domains under an https address', async () => {
    const [set] = (await (await server('https://mooring.example')).inject('/ensure')).cookies;
    expect(set).toMatchObject({
      name: '__Host-mooring-browser',
      httpOnly: true,
      secure: true,
      sameSite: 'Lax',
      path: '/',
    });
    expect(set).not.toHaveProperty('domain');
    expect(Buffer.from(set?.value ?? '', 'base64url')).toHaveLength(32);
  });

  it('the browser cookie works on localhost over plain http', async () => {
    const [set] = (await (await server('http://localhost:5000')).inject('/ensure')).cookies;
    expect(set).toMatchObject({ name: 'mooring-browser', httpOnly: true, sameSite: 'Lax' });
    expect(set).not.toHaveProperty('secure');
  });

  it('the digest of the browser cookie matches that cookie and no other', async () => {
    const app = await server('http://localhost:5000');
    const first = await app.inject('/ensure');
    const { digest } = first.json<{ digest: string }>();
    const value = first.cookies[0]?.value ?? '';
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    const matches = async (cookies: Record<string, string>) =>
      (await app.inject({ url: `/matches/${digest}`, cookies })).json<boolean>();
    expect(await matches({ 'mooring-browser': value })).toBe(true);
    expect(await matches({ 'mooring-browser': (await app.inject('/ensure')).cookies[0]?.value ?? '' })).toBe(false);
    expect(await matches({})).toBe(false);
  });

  it('a planted cookie that Mooring did not make is replaced', async () => {
    const app = await server('http://localhost:5000');
    const [set] = (await app.inject({ url: '/ensure', cookies: { 'mooring-browser': 'planted' } })).cookies;
    expect(set?.value).toMatch(/^[\w-]{43}$/);
  });
});
