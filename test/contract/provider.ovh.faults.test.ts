import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { thrown } from './thrown.ts';
import { startOvhOnSandbox, type OvhOnSandbox } from './provider.ovh.on-sandbox.ts';

describe('OVHcloud when things go wrong on the way', () => {
  let ovh: OvhOnSandbox;
  beforeAll(async () => void (ovh = await startOvhOnSandbox()));
  afterEach(() => ovh.cloud.reset());
  afterAll(() => ovh.close());

  describe('no answer is never a refusal', () => {
    test('a connection cut before the refresh token is spent has an unknown outcome, and the token still works', async () => {
      const context = await ovh.connect();
      await ovh.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'drop_before' });
      expect(await thrown(ovh.method().refresh(context))).toMatchObject({ class: 'transient', delivery: 'unknown' });
      await expect(ovh.method().refresh(context)).resolves.toMatchObject({ renewable: true });
      expect(await ovh.cloud.counters()).toMatchObject({ refreshTokensSpent: 1, refreshTokensSpentTwice: 0 });
    });

    test('a connection cut after the refresh token is spent has an unknown outcome, and the retry is class revoked', async () => {
      const context = await ovh.connect();
      await ovh.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'drop_after' });
      expect(await thrown(ovh.method().refresh(context))).toMatchObject({ class: 'transient', delivery: 'unknown' });
      expect(await thrown(ovh.method().refresh(context))).toMatchObject({ class: 'revoked', delivery: 'answered' });
    });

    test('a retry within the grace window returns the lost successor of a refresh token', async () => {
      await ovh.cloud.change({ ovh: { rotationGraceSeconds: 30 } });
      const context = await ovh.connect();
      await ovh.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'drop_after' });
      await thrown(ovh.method().refresh(context));
      const replayed = await ovh.method().refresh(context);
      await expect(ovh.method().refresh(ovh.holding(replayed.fields))).resolves.toMatchObject({ renewable: true });
      expect(await ovh.cloud.counters()).toMatchObject({ refreshTokensSpentTwice: 1, rotationsAnsweredAgain: 1 });
    });

    test('a refresh at a cloud that hangs times out at the deadline, with an unknown outcome', async () => {
      const context = await ovh.connect();
      await ovh.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'hold_before' });
      const error = await thrown(ovh.method({ deadlineMs: 100 }).refresh(context));
      expect(error).toMatchObject({ class: 'transient', delivery: 'unknown', problem: { code: 'cloud_unreachable' } });
      expect(error.message).toContain('no answer within 0.1 s');
    });

    test('a cancelled refresh ends at once, with an unknown outcome', async () => {
      const context = await ovh.connect();
      const cancellation = new AbortController();
      await ovh.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'hold_before' });
      const call = thrown(ovh.method().refresh({ ...context, signal: cancellation.signal }));
      await ovh.cloud.waitForHold('token.refresh');
      cancellation.abort();
      expect(await call).toMatchObject({ class: 'transient', delivery: 'unknown' });
    });
  });

  describe('an outage says nothing about the credential', () => {
    test.each([
      { status: 500, delivery: 'unknown' },
      { status: 502, delivery: 'unknown' },
      { status: 503, delivery: 'answered' },
      { status: 504, delivery: 'unknown' },
    ])('HTTP $status on a refresh is transient, and its delivery is $delivery', async ({ status, delivery }) => {
      const context = await ovh.connect();
      for (const body of ['<h1>Sorry</h1>', { error: 'invalid_grant' }]) {
        await ovh.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'respond', status, body });
        expect(await thrown(ovh.method().refresh(context))).toMatchObject({
          class: 'transient',
          delivery,
          problem: { code: 'cloud_unavailable' },
        });
      }
    });

    test('HTTP 429 is transient, and the error says when to retry', async () => {
      const context = await ovh.connect();
      const headers = { 'retry-after': '17' };
      const body = { error: 'temporarily_unavailable' };
      await ovh.cloud.fault({ endpoint: 'token.*' }, { kind: 'respond', status: 429, headers, body }, 2);
      const limited = { class: 'transient', delivery: 'answered', retryAfterSeconds: 17 };
      expect(await thrown(ovh.method().refresh(context))).toMatchObject(limited);
      expect(await thrown(ovh.exchange())).toMatchObject(limited);
    });

    test.each([
      { what: 'a maintenance page with status 200', status: 200, body: '<h1>Maintenance</h1>' },
      { what: 'a redirect', status: 302, body: '' },
      { what: "a firewall's page with status 403", status: 403, body: '<h1>Blocked</h1>' },
    ])('$what is a transient error, not a refusal of the grant', async ({ status, body }) => {
      const context = await ovh.connect();
      await ovh.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'respond', status, body });
      expect(await thrown(ovh.method().refresh(context))).toMatchObject({
        class: 'transient',
        problem: { code: 'cloud_answer_unexpected' },
      });
    });
  });

  test('a revocation whose connection was cut succeeds when it is repeated', async () => {
    const context = await ovh.connect();
    await ovh.cloud.fault({ endpoint: 'revoke' }, { kind: 'drop_after' });
    expect(await thrown(ovh.method().revoke(context))).toMatchObject({ class: 'transient', delivery: 'unknown' });
    expect(await ovh.method().revoke(context)).toMatchObject({ outcome: 'revoked' });
    expect(await ovh.cloud.counters()).toMatchObject({ grantsRevoked: 1 });
  });
});
