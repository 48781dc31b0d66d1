import { beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../api/connections/schema.ts';
import { manifests } from '../../providers/manifests/all.ts';
import { waysIn, type WayIn } from '../support/ways.ts';
import { openBrowser } from './support/browser.ts';
import { platform, type Platform } from './support/connect.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();
const redirectUri = 'https://product.example/clouds/connected';
const [alice, mallory] = ['session-of-alice-0001', 'session-of-mallory-01'] as const;

/** Every method with a sign-in at a cloud, each with the person who signs in there. */
const signIns = manifests.flatMap(({ id, methods }) =>
  methods
    .filter(({ flow }) => flow === 'redirect')
    .map((method): WayIn => {
      const way = waysIn.find(({ cloud, method: of }) => cloud === id && of === method.id);
      if (!way) throw new Error(`There is no way in for ${id}, ${method.id}.`);
      return way;
    }),
);

interface Initiated {
  readonly connection: Connection;
  readonly authorizationUrl: string;
}

describe.skipIf(address === null)('a sign-in of a platform’s own user, at every cloud', () => {
  let stack: Stack;
  let acme: Platform;
  let headers: { authorization: string };
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    headers = await stack.keyFor('acme', 'connections:read', 'connections:write');
    acme = platform(stack, headers);
    // The session key confirms the user, so that nobody has to confirm the account as well.
    await stack.tenants.write('acme', {
      displayName: 'Acme',
      platformRedirectUris: [redirectUri],
      confirmsInvitations: true,
    });
  });

  const post = async (path: string, payload: object) =>
    await stack.app.inject({ method: 'POST', url: `/v1/platform/sign-ins${path}`, headers, payload });
  const initiate = async ({ cloud, region, method }: WayIn, sessionKey: string): Promise<Initiated> => {
    const reply = await post('', { provider: cloud, region, method, redirectUri, sessionKey });
    expect(reply.statusCode, reply.body).toBe(201);
    return reply.json<Initiated>();
  };
  /** Signs in at the cloud; returns the completion that the browser brings back to the platform. */
  const signIn = async (url: string, { account }: WayIn): Promise<string> => {
    const browser = openBrowser(stack);
    const away = await browser.open(url);
    expect(away.statusCode, away.body).toBe(303);
    const callback = await stack.cloud.decide(new URL(away.headers.location ?? ''), account ? { account } : {});
    const back = await browser.open(callback.href);
    expect(back.statusCode, back.body).toBe(303);
    expect(back.headers.location).toContain(`${redirectUri}?`);
    return new URL(back.headers.location ?? '').searchParams.get('completion') ?? '';
  };
  const redeemed = async ({ cloud }: WayIn): Promise<number> => (await stack.cloud.counters(cloud)).codesRedeemed;

  it.each(signIns)('$name: the code is redeemed only when the platform repeats the session key', async (way) => {
    const before = await redeemed(way);
    const { connection, authorizationUrl } = await initiate(way, alice);
    const completion = await signIn(authorizationUrl, way);
    expect(await acme.get(connection.id)).toMatchObject({ status: 'awaiting_customer', account: null });
    expect(await redeemed(way)).toBe(before);
    const reply = await post('/complete', { completion, sessionKey: alice });
    expect(reply.statusCode, reply.body).toBe(202);
    await acme.until(connection.id, 'active');
    expect(await redeemed(way)).toBe(before + 1);
    expect((await post('/complete', { completion, sessionKey: alice })).statusCode).toBe(409);
  });

  it.each(signIns)('$name: a sign-in that another session finished is dropped, its code unredeemed', async (way) => {
    const before = await redeemed(way);
    const { connection, authorizationUrl } = await initiate(way, mallory);
    const completion = await signIn(authorizationUrl, way);
    const refused = await post('/complete', { completion, sessionKey: alice });
    expect(refused.json()).toMatchObject({ status: 409, code: 'session_mismatch' });
    expect((await post('/complete', { completion, sessionKey: mallory })).json()).toMatchObject({
      status: 409,
      code: 'completion_unknown',
    });
    expect(await acme.get(connection.id)).toMatchObject({ status: 'awaiting_customer', account: null });
    expect(await redeemed(way)).toBe(before);
  });

  it('the first method with a sign-in is taken where none is named', async () => {
    const reply = await post('', { provider: 'gcp', region: 'global', redirectUri, sessionKey: alice });
    expect(reply.json<Initiated>().connection.method).toBe('authorization_code');
  });

  it.each([
    ['has no sign-in', { provider: 'aws', region: 'aws' }, 422, 'method_has_no_sign_in'],
    ['takes values', { provider: 'azure', region: 'global', method: 'client_secret' }, 422, 'method_has_no_sign_in'],
    ['is not known', { provider: 'gcp', region: 'global', method: 'magic' }, 400, 'invalid_method'],
    ['is of an unknown cloud', { provider: 'moon', region: 'global' }, 400, 'invalid_provider'],
  ])('a platform sign-in is refused with a method that %s', async (_what, body, status, code) => {
    const reply = await post('', { ...body, redirectUri, sessionKey: alice });
    expect(reply.json()).toMatchObject({ status, code });
  });

  it('a sign-in at one cloud cannot be completed under the path of another cloud', async () => {
    const [way] = signIns.filter(({ cloud }) => cloud === 'azure');
    const { connection, authorizationUrl } = await initiate(way ?? expect.fail(), alice);
    const completion = await signIn(authorizationUrl, way ?? expect.fail());
    const elsewhere = await stack.app.inject({
      method: 'POST',
      url: '/ovh/oauth2/callback',
      headers,
      payload: { completion, sessionKey: alice },
    });
    expect(elsewhere.json()).toMatchObject({ status: 409, code: 'completion_unknown' });
    expect((await post('/complete', { completion, sessionKey: alice })).statusCode).toBe(202);
    await acme.until(connection.id, 'active');
  });
});
