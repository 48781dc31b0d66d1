import { describe, expect, it } from 'vitest';
import { composeApp } from './composed-app.ts';

describe('request ids', () => {
  it('the id of a request is our own, and the one that the caller sends comes back beside it and is logged', async () => {
    const { app, log } = await composeApp();
    const headers = { 'x-request-id': 'caller-1234' };
    const replies = [await app.inject({ url: '/healthz', headers }), await app.inject({ url: '/healthz', headers })];
    const ids = replies.map((reply) => String(reply.headers['x-request-id']));
    expect(new Set(ids).size).toBe(2);
    for (const each of ids) expect(each).toMatch(/^req_[0-9a-f-]{36}$/);
    expect(replies.map((reply) => reply.headers['x-client-request-id'])).toEqual(['caller-1234', 'caller-1234']);
    expect(log()).toContain('"callerRequestId":"caller-1234"');
  });

  it.each(['short', 'with space in it', 'x'.repeat(65), 'line\\u000abreak'])(
    'a request id of the caller that is not safe to log is dropped: %s',
    async (given) => {
      const { app, log } = await composeApp();
      const reply = await app.inject({ url: '/healthz', headers: { 'x-request-id': given } });
      expect(reply.headers['x-client-request-id']).toBeUndefined();
      expect(log()).not.toContain(given);
    },
  );
});
