import { describe, expect, it } from 'vitest';
import { composeApp } from './composed-app.ts';

describe('the headers of every response', () => {
  it.each(['/healthz', '/connect/x', '/v1/connections', '/nowhere', '/assets/mooring.css'])(
    'the response of %s forbids foreign content and framing',
    async (url) => {
      const { app } = await composeApp();
      const { headers } = await app.inject(url);
      expect(headers['content-security-policy']).toBe(
        "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'",
      );
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['x-frame-options']).toBe('DENY');
      expect(headers['referrer-policy']).toBe('no-referrer');
    },
  );

  it('a response asks for https for a year where the public address has it, and only there', async () => {
    const secure = await composeApp({ publicUrl: 'https://mooring.example' });
    expect((await secure.app.inject('/healthz')).headers['strict-transport-security']).toMatch(/^max-age=31536000/);
    const plain = await composeApp({ publicUrl: 'http://localhost:5000' });
    expect((await plain.app.inject('/healthz')).headers['strict-transport-security']).toBeUndefined();
  });
});

describe('the start id', () => {
  it.each(['/healthz', '/v1/connections', '/nowhere'])(
    'the response of %s has the id of the start under npm start, and otherwise no such header',
    async (url) => {
      const started = await composeApp({ startId: 'of-this-start' });
      expect((await started.app.inject(url)).headers['mooring-start-id']).toBe('of-this-start');
      const alone = await composeApp();
      expect((await alone.app.inject(url)).headers).not.toHaveProperty('mooring-start-id');
    },
  );
});

describe('the pages’ assets', () => {
  it.each([
    ['mooring.css', 'text/css'],
    ['result.js', 'application/javascript'],
  ])('the asset %s is served as %s and may be cached', async (file, type) => {
    const { app } = await composeApp();
    const reply = await app.inject(`/assets/${file}`);
    expect(reply.statusCode).toBe(200);
    expect(reply.headers['content-type']).toContain(type);
    expect(reply.headers['cache-control']).toContain('max-age=300');
    expect(reply.body.length).toBeGreaterThan(500);
  });

  it.each(['../layout.ts', '..%2flayout.ts', 'mooring.css.map', '.'])(
    'the path %s below the assets is not served',
    async (file) => {
      const { app } = await composeApp();
      expect((await app.inject(`/assets/${file}`)).statusCode).toBeGreaterThanOrEqual(400);
    },
  );
});
