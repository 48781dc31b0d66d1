import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startOvh, type OvhUnderTest } from './ovh-under-test.ts';

let ovh: OvhUnderTest;
beforeAll(async () => void (ovh = await startOvh()));
afterAll(() => ovh.close());

describe("the regional API, in OVHcloud's own shapes", () => {
  test('/auth/time needs no credential and follows the clock', async () => {
    expect(await ovh.api('/auth/time')).toEqual({ status: 200, body: Math.floor(ovh.clock.now() / 1000) });
  });

  test('/auth/details and /me name the account of the token', async () => {
    const { accessToken } = await ovh.signIn();
    expect(await ovh.api('/auth/details', accessToken)).toMatchObject({
      status: 200,
      body: { account: 'la12345-ovh', identities: ['urn:v1:eu:identity:account:la12345-ovh'] },
    });
    expect(await ovh.api('/me', accessToken)).toMatchObject({
      status: 200,
      body: { nichandle: 'la12345-ovh', firstname: 'Ada', organisation: 'Lindqvist Logistics' },
    });
  });

  test('a request without a token gets 401', async () => {
    expect(await ovh.api('/me')).toEqual({
      status: 401,
      body: { class: 'Client::Unauthorized', message: 'You must login first' },
    });
  });

  test('a request with an unknown token gets 403 INVALID_CREDENTIAL', async () => {
    expect(await ovh.api('/me', 'made-up')).toEqual({
      status: 403,
      body: { errorCode: 'INVALID_CREDENTIAL', httpCode: '403 Forbidden', message: 'This credential is not valid' },
    });
  });

  test('an access token is valid for exactly its lifetime, and then gets 401', async () => {
    const { accessToken } = await ovh.signIn();
    ovh.clock.advance(3599);
    expect(await ovh.api('/me', accessToken)).toMatchObject({ status: 200 });
    ovh.clock.advance(1);
    expect(await ovh.api('/me', accessToken)).toMatchObject({ status: 401 });
  });

  test('an access token of one region is refused in another', async () => {
    const { accessToken } = await ovh.signIn();
    const response = await fetch(`${ovh.environment['OVH_US_API_URL']}/me`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    expect(response.status).toBe(403);
  });

  test('an unknown path gets 404, with a query ID to give to support', async () => {
    const response = await fetch(`${ovh.environment['OVH_EU_API_URL']}/nothing`);
    expect(response.status).toBe(404);
    expect(response.headers.get('x-ovh-queryid')).toMatch(/^EU\./);
  });
});
