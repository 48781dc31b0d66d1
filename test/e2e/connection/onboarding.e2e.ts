import { liveKeys } from '../../../stores/secrets/credential-record.ts';
import { expect, test } from 'vitest';
import { createBrowser } from '../../support/browser.ts';
import { eventually } from '../../support/eventually.ts';
import { stateHash } from '../../../api/sign-in/oauth-state.ts';
import type { InWorld } from '../connection.e2e.ts';

/** From no connection to `active`, step by step as in a browser. */
export function onboarding({ world, customer }: InWorld): void {
  test('a connection goes from its invitation to active through the browser alone', async () => {
    const { platform } = customer();
    const { connection, invitation } = await platform.invite({ name: 'production', tags: ['prod'] });
    expect(connection).toMatchObject({ status: 'awaiting_customer', credential: null, account: null });

    const browser = createBrowser();
    expect(await (await browser.open(invitation.url)).text()).toContain('asks for access to your OVHcloud account');
    const signedIn = await customer().signIn(invitation.url, { browser });
    const result = await signedIn.arrive();
    expect(result.origin).toBe(new URL(invitation.url).origin);

    expect(await platform.until(connection.id, 'active')).toMatchObject({
      name: 'production',
      tags: ['prod'],
      problem: null,
      warnings: [],
      invitation: null,
      account: { id: 'la12345-ovh' },
      credential: { generation: 1, renewable: true, lifetimeSeconds: 3600, scopes: ['all'] },
    });
    await eventually('the result page to say so', async () =>
      (await (await browser.open(result)).text()).includes('Connected'),
    );
  });

  test("a connection stores exactly the seed's seven fields and Mooring's bookkeeping", async () => {
    const { id } = await customer().connect();
    const record = (await world().secrets.read('live', liveKeys.renewal(id))) ?? {};
    const seven = ['access_token', 'auth_method', 'client_id', 'endpoint', 'expires_at', 'provider', 'refresh_token'];
    expect(Object.keys(record).toSorted()).toEqual([...seven, 'mooring'].toSorted());
    expect(record).toMatchObject({
      provider: 'ovh',
      endpoint: 'ovh-eu',
      auth_method: 'authorization_code',
      client_id: 'sandbox-eu-0f1e2d3c',
      mooring: { generation: 1, spending: null },
    });
    const lifeSeconds = Number(record['expires_at']) - Date.now() / 1000;
    expect(lifeSeconds).toBeGreaterThan(3500);
    expect(lifeSeconds).toBeLessThanOrEqual(3600);
    const { accessToken, refreshToken } = await customer().cloud.issued();
    expect(accessToken).toContain(record['access_token']);
    expect(refreshToken).toContain(record['refresh_token']);
  });

  test('a sign-in is kept sealed while the customer is at the cloud, and is not readable afterwards', async () => {
    const { invitation, connection } = await customer().platform.invite();
    const signedIn = await customer().signIn(invitation.url);
    const { callback } = signedIn;
    const state = callback.searchParams.get('state') ?? '';
    const stored = async (): Promise<string> =>
      Buffer.concat((await world().ephemeral()).map(({ bytes }) => bytes)).toString('latin1');

    const waiting = await stored();
    expect(waiting).toContain(`oauth-state:${stateHash(state)}`);
    for (const readable of [state, 'verifier', 'redirectUri']) expect(waiting).not.toContain(readable);

    await signedIn.arrive();
    await customer().platform.until(connection.id, 'active');
    const after = await stored();
    for (const readable of [state, callback.searchParams.get('code') ?? '']) expect(after).not.toContain(readable);
  });

  test('one connection is created however often the request is repeated with the same idempotency key', async () => {
    const { platform } = customer();
    const create = async (body: object) =>
      await platform.call('POST', '/v1/connections', body, { 'idempotency-key': 'order-4711' });
    const body = { provider: 'ovh', region: 'ovh-us' };
    const [first, ...others] = await Promise.all([create(body), create(body), create(body)]);
    for (const other of others) {
      expect(other).toMatchObject({ connection: { id: connectionId(first) }, invitation: { url: urlOf(first) } });
    }
    await expect(create({ ...body, region: 'ovh-eu' })).rejects.toMatchObject({ code: 'idempotency_key_reused' });
  });
}

const connectionId = (invited: unknown): string => (invited as { connection: { id: string } }).connection.id;
const urlOf = (invited: unknown): string => (invited as { invitation: { url: string } }).invitation.url;
