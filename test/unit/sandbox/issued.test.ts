import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { startOvh, type OvhUnderTest } from './ovh-under-test.ts';

let ovh: OvhUnderTest;
beforeAll(async () => void (ovh = await startOvh()));
beforeEach(() => ovh.cloud.reset());
afterAll(() => ovh.close());

describe('the list of issued secrets', () => {
  test('the list of issued secrets has every code, verifier, token and client secret, also invalid ones', async () => {
    const { accessToken, refreshToken, code } = await ovh.signIn();
    const { body } = await ovh.refresh(refreshToken);
    await ovh.cloud.revokeOvhAccount('la12345-ovh');
    ovh.clock.advance(3 * 24 * 3600);
    await ovh.signIn();

    const issued = await ovh.cloud.issued();
    expect(issued['code']).toContain(code['code']);
    expect(issued['verifier']).toEqual([code['code_verifier']]);
    expect(issued['accessToken']).toEqual(expect.arrayContaining([accessToken, body.access_token]));
    expect(issued['accessToken']).toHaveLength(3);
    expect(issued['refreshToken']).toEqual(expect.arrayContaining([refreshToken, body.refresh_token]));
    expect(issued['clientSecret']).toContain(ovh.environment['OVH_EU_CLIENT_SECRET']);
  });

  test('the list of issued codes, verifiers and tokens is empty after a reset', async () => {
    await ovh.signIn();
    await ovh.cloud.reset();
    expect(await ovh.cloud.issued()).toMatchObject({ accessToken: [], refreshToken: [], code: [], verifier: [] });
  });

  test('requested addresses are kept with their queries, except those of the control API', async () => {
    await ovh.api('/me?one=two');
    await ovh.cloud.counters();
    expect((await ovh.cloud.addresses()).at(-1)).toBe('GET /ovh-eu/1.0/me?one=two');
  });
});
