import { describe, expect, it } from 'vitest';
import { EphemeralStoreUnavailable, type EphemeralStore } from '../../../stores/ephemeral/port.ts';
import { composeApp } from './composed-app.ts';

describe('the limit of an API key', () => {
  it('the limit of an API key is in the response headers, counts each key separately, and resets after a minute', async () => {
    const { app, keyFor, clock } = await composeApp({ requestsPerMinute: 3 });
    const [one, other] = [await keyFor('acme', 'connections:read'), await keyFor('acme', 'connections:read')];
    const ask = async (headers: object) => await app.inject({ url: '/v1/providers', headers: { ...headers } });
    const left: unknown[] = [];
    for (let count = 0; count < 3; count += 1) {
      const reply = await ask(one);
      expect(reply.statusCode).toBe(200);
      left.push(reply.headers['ratelimit-remaining']);
    }
    expect(left).toEqual(['2', '1', '0']);
    const beyond = await ask(one);
    expect(beyond.json()).toMatchObject({ status: 429, code: 'too_many_requests', retryAfterSeconds: 60 });
    expect(beyond.headers).toMatchObject({ 'retry-after': '60', 'ratelimit-limit': '3', 'ratelimit-reset': '60' });
    expect((await ask(other)).statusCode).toBe(200);
    clock.advance(61);
    expect((await ask(one)).statusCode).toBe(200);
  });

  it('requests without a valid key do not use up the limit of an API key, which does not apply to public routes', async () => {
    const { app, keyFor } = await composeApp({ requestsPerMinute: 1 });
    const headers = await keyFor('acme', 'connections:read');
    await app.inject({ url: '/v1/providers', headers: { authorization: 'Bearer mrg_none' } });
    for (let count = 0; count < 3; count += 1) expect((await app.inject('/healthz')).statusCode).toBe(200);
    expect((await app.inject({ url: '/v1/providers', headers })).statusCode).toBe(200);
  });

  it('requests are served where they cannot be counted', async () => {
    const down = () => Promise.reject(new EphemeralStoreUnavailable('down'));
    const ephemeral = { increment: down, get: down, put: down } as unknown as EphemeralStore;
    const { app, keyFor, log } = await composeApp({ requestsPerMinute: 1 }, { ephemeral });
    const headers = await keyFor('acme', 'connections:read');
    for (let count = 0; count < 3; count += 1) {
      expect((await app.inject({ url: '/v1/providers', headers })).statusCode).toBe(200);
    }
    expect(log()).toContain('could not be counted');
  });
});

describe('/docs', () => {
  it('/docs loads only files of its own origin, under the content security policy of every page', async () => {
    const { app } = await composeApp();
    const page = await app.inject('/docs');
    expect(page.headers['content-security-policy']).toContain("script-src 'self';style-src 'self'");
    const sources = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source ?? '');
    expect(sources.filter((source) => !/^\/|^data:,$/.test(source))).toEqual([]);
    for (const source of sources.filter((each) => each.startsWith('/'))) {
      const file = await app.inject(source);
      expect([source, file.statusCode]).toEqual([source, 200]);
    }
    expect(page.body).not.toMatch(/<script(?! src=)|<style|style="/);
    expect((await app.inject('/docs/index.html')).statusCode).toBe(400);
  });
});
