import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { startOvh, type OvhUnderTest } from './ovh-under-test.ts';

let ovh: OvhUnderTest;
beforeAll(async () => void (ovh = await startOvh()));
beforeEach(() => ovh.cloud.reset());
afterAll(() => ovh.close());

const outcome = async (call: Promise<{ status: number }>) =>
  call.then(
    ({ status }) => status,
    () => 'cut',
  );

describe('the fault script', () => {
  test('fault rules apply in order, each as often as it states, and then the cloud works again', async () => {
    await ovh.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'respond', status: 503 }, 2);
    await ovh.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'refuse', error: 'invalid_grant' });
    const { refreshToken } = await ovh.signIn();
    const seen: unknown[] = [];
    for (let count = 0; count < 4; count += 1) seen.push(await outcome(ovh.refresh(refreshToken)));
    expect(seen).toEqual([503, 503, 400, 200]);
  });

  test('a fault rule applies only to the endpoint, region or cloud that it names', async () => {
    const down = { kind: 'respond', status: 503 } as const;
    await ovh.cloud.fault({ endpoint: 'token.refresh' }, down, null);
    await ovh.cloud.fault({ region: 'ovh-us' }, down, null);
    await ovh.cloud.fault({ cloud: 'another' }, down, null);
    const code = await ovh.approvedCode();
    expect(await outcome(ovh.token(code, 'US'))).toBe(503);
    expect(await outcome(ovh.token(code))).toBe(200);
    expect(await outcome(ovh.refresh('x'))).toBe(503);
  });

  test('a fault rule with a pattern covers a group of endpoints until the fault script is deleted', async () => {
    await ovh.cloud.fault({ endpoint: 'token.*' }, { kind: 'respond', status: 500 }, null);
    expect(await outcome(ovh.refresh('x'))).toBe(500);
    expect(await outcome(ovh.refresh('x'))).toBe(500);
    expect(await outcome(ovh.api('/me'))).toBe(401);
    await ovh.cloud.clearFaults();
    expect(await outcome(ovh.refresh('x'))).toBe(400);
  });

  test('a request dropped before it is served gets no response, and its refresh token stays valid', async () => {
    const { refreshToken } = await ovh.signIn();
    await ovh.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'drop_before' });
    expect(await outcome(ovh.refresh(refreshToken))).toBe('cut');
    expect(await ovh.cloud.counters()).toMatchObject({ refreshTokensSpent: 0 });
    expect(await outcome(ovh.refresh(refreshToken))).toBe(200);
  });

  test('a request dropped after it is served gets no response, and its refresh token is spent', async () => {
    const { refreshToken } = await ovh.signIn();
    await ovh.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'drop_after' });
    expect(await outcome(ovh.refresh(refreshToken))).toBe('cut');
    expect(await ovh.cloud.counters()).toMatchObject({ refreshTokensSpent: 1 });
    expect(await outcome(ovh.refresh(refreshToken))).toBe(400);
  });

  test('a slow rule and a configured latency both delay a response that still succeeds', async () => {
    await ovh.cloud.change({ core: { latencyMs: { 'auth.time': 60, '*': 0 } } });
    await ovh.cloud.fault({ endpoint: 'auth.time' }, { kind: 'slow', ms: 60 });
    const before = performance.now();
    expect(await outcome(ovh.api('/auth/time'))).toBe(200);
    expect(performance.now() - before).toBeGreaterThan(115);
  });
});

describe('a held request', () => {
  test('a request held before it is served spends nothing until it is released, and then succeeds', async () => {
    const { refreshToken } = await ovh.signIn();
    await ovh.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'hold_before' });
    const refreshed = ovh.refresh(refreshToken);
    const hold = await ovh.cloud.waitForHold('token.refresh');
    expect(hold).toMatchObject({ cloud: 'ovh', region: 'ovh-eu', when: 'before', clientGone: false });
    expect(await ovh.cloud.counters()).toMatchObject({ refreshTokensSpent: 0 });
    await ovh.cloud.release(hold);
    expect(await refreshed).toMatchObject({ status: 200 });
    expect(await ovh.cloud.holds()).toEqual([]);
  });

  test('a request held after it is served has spent its refresh token, and only the response waits', async () => {
    const { refreshToken } = await ovh.signIn();
    await ovh.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'hold_after' });
    const refreshed = ovh.refresh(refreshToken);
    const hold = await ovh.cloud.waitForHold('token.refresh');
    expect(await ovh.cloud.counters()).toMatchObject({ refreshTokensSpent: 1 });
    await ovh.cloud.release(hold);
    expect(await refreshed).toMatchObject({ status: 200 });
  });

  test('a held request reports that its client disconnected, and is still served once released', async () => {
    const { refreshToken } = await ovh.signIn();
    await ovh.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'hold_before' });
    const client = new AbortController();
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: 'sandbox-eu-0f1e2d3c' };
    const gone = fetch(ovh.environment['OVH_EU_TOKEN_URL'] ?? '', {
      method: 'POST',
      body: new URLSearchParams({ ...form, client_secret: 'sandbox-eu-application-secret' }),
      signal: client.signal,
    }).catch(() => 'gone');
    const hold = await ovh.cloud.waitForHold('token.refresh');
    client.abort();
    expect(await gone).toBe('gone');
    await expect.poll(async () => (await ovh.cloud.holds())[0]?.clientGone).toBe(true);
    await ovh.cloud.release(hold);
    await expect.poll(async () => (await ovh.cloud.counters()).refreshTokensSpent).toBe(1);
  });

  test('waiting for a held request that never arrives ends with a clear error', async () => {
    await expect(ovh.cloud.waitForHold('revoke', 50)).rejects.toThrow('No request was held at revoke within 50 ms.');
  });
});

describe('the control API', () => {
  test('the control API refuses an unknown setting or an invalid value, and changes nothing', async () => {
    const before = await ovh.cloud.settings();
    const patch = { ovh: { rotationGraceSeconds: 5, rotationGrace: 5 } };
    await expect(ovh.cloud.change(patch)).rejects.toThrow(/rotationGrace/);
    await expect(ovh.cloud.change({ ovh: { codeLifetimeSeconds: -1 } })).rejects.toThrow(/codeLifetimeSeconds/);
    expect(await ovh.cloud.settings()).toEqual(before);
  });

  test('the control API refuses a fault rule of an unknown kind', async () => {
    const action = { kind: 'explode' } as unknown as Parameters<typeof ovh.cloud.fault>[1];
    await expect(ovh.cloud.fault({}, action)).rejects.toThrow('A fault rule is');
  });

  test('the control API accepts JSON only, so that a form on a page of another origin cannot control it', async () => {
    const response = await fetch(`${ovh.url}/_sandbox/reset`, {
      method: 'POST',
      body: new URLSearchParams({ a: 'b' }),
    });
    expect(response.status).toBe(415);
  });

  test('a reset deletes tokens, counters and settings, and releases held requests', async () => {
    const { accessToken } = await ovh.signIn();
    await ovh.cloud.change({ ovh: { rotationGraceSeconds: 5 } });
    await ovh.cloud.fault({}, { kind: 'hold_before' });
    const held = outcome(ovh.api('/auth/time'));
    await ovh.cloud.waitForHold('auth.time');
    await ovh.cloud.reset();
    expect(await held).toBe(200);
    expect(await ovh.api('/me', accessToken)).toMatchObject({ status: 403 });
    expect((await ovh.cloud.settings()).ovh.rotationGraceSeconds).toBe(0);
    expect(await ovh.cloud.counters()).toMatchObject({ accessTokensIssued: 0, codesRedeemed: 0 });
  });
});
