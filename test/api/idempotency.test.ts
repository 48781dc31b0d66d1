import { beforeAll, describe, expect, it } from 'vitest';
import { platform, signIn, type Invited, type Platform } from './support/connect.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();
const body = { provider: 'ovh', region: 'ovh-eu', name: 'shop', invitation: { passcode: 'tulip-42' } };

describe.skipIf(address === null)('a repeated request', () => {
  let stack: Stack;
  let acme: Platform;
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    acme = platform(stack, await stack.keyFor('acme', 'admin'));
  });
  const create = (key: string, payload: object = body) => acme.call('POST', '', payload, { 'idempotency-key': key });

  it('a repeated request gets the same connection and the same link', async () => {
    const [first, second] = [await create('same'), await create('same')];
    expect([first.statusCode, second.statusCode]).toEqual([201, 200]);
    expect(second.json<Invited>().connection.id).toBe(first.json<Invited>().connection.id);
    expect(second.json<Invited>().invitation).toEqual(first.json<Invited>().invitation);
    expect(second.headers['location']).toBe(`/v1/connections/${first.json<Invited>().connection.id}`);
  });

  it('a repeated request that spells out a default is the same request', async () => {
    await create('defaults', { provider: 'ovh', region: 'ovh-eu' });
    const spelled = {
      provider: 'ovh',
      region: 'ovh-eu',
      method: 'authorization_code',
      tags: [],
      invitation: { lifetimeSeconds: 14 * 24 * 3600 },
    };
    expect((await create('defaults', spelled)).statusCode).toBe(200);
  });

  it('ten identical requests at once create one connection', async () => {
    const replies = await Promise.all(Array.from({ length: 10 }, () => create('at-once')));
    expect(replies.filter(({ statusCode }) => statusCode === 201)).toHaveLength(1);
    expect(replies.filter(({ statusCode }) => statusCode === 200)).toHaveLength(9);
    expect(new Set(replies.map((reply) => JSON.stringify(reply.json<Invited>().invitation))).size).toBe(1);
  });

  it('a repeated request gets the same link after the ephemeral store was lost', async () => {
    const first = await create('lost');
    stack.loseEphemeralStore(true);
    try {
      expect((await create('lost')).json<Invited>().invitation).toEqual(first.json<Invited>().invitation);
    } finally {
      stack.loseEphemeralStore(false);
    }
  });

  it('a repeated request gets the same link after a customer has used it', async () => {
    const first = (await create('used')).json<Invited>();
    const { browser, callback } = await signIn(stack, first.invitation.url, { passcode: 'tulip-42' });
    await browser.open(callback);
    await acme.until(first.connection.id, 'active');
    const again = await create('used');
    expect(again.statusCode).toBe(200);
    expect(again.json()).toMatchObject({
      connection: { id: first.connection.id, status: 'active' },
      invitation: first.invitation,
    });
  });

  it.each([
    ['another name', { ...body, name: 'other' }],
    ['another region', { ...body, region: 'ovh-ca' }],
    ['another passcode', { ...body, invitation: { passcode: 'tulip-43' } }],
    ['another lifetime', { ...body, invitation: { ...body.invitation, lifetimeSeconds: 7200 } }],
  ])('a request for %s under the same key is refused', async (_what, other) => {
    await create('reused');
    expect((await create('reused', other)).json()).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
  });

  it('a repeated request for a new link gets the link that the first request made', async () => {
    const { connection } = await acme.invite();
    const again = () => acme.call('POST', `/${connection.id}/invitation`, {}, { 'idempotency-key': 'once' });
    const [first, second] = [await again(), await again()];
    expect(first.json<Invited>().connection.invitation?.epoch).toBe(2);
    expect(second.json<Invited>().invitation).toEqual(first.json<Invited>().invitation);
    const third = await acme.call('POST', `/${connection.id}/invitation`, {}, { 'idempotency-key': 'another' });
    expect(third.json<Invited>().connection.invitation?.epoch).toBe(3);
  });

  it('each request without an idempotency key creates a connection of its own', async () => {
    const [first, second] = [await acme.invite(), await acme.invite()];
    expect(first.connection.id).not.toBe(second.connection.id);
  });

  it('a request with an invalid idempotency key is refused', async () => {
    expect((await create('with a space')).json()).toMatchObject({ status: 400, code: 'invalid_request' });
  });

  it('a request is accepted although another tenant has used its key before', async () => {
    const { connection } = await acme.invite();
    const key = { 'idempotency-key': 'anybodys' };
    const stranger = platform(stack, await stack.keyFor('globex', 'admin'));
    expect((await stranger.call('PATCH', `/${connection.id}`, { name: 'theirs' }, key)).statusCode).toBe(404);
    expect((await acme.call('PATCH', `/${connection.id}`, { name: 'ours' }, key)).statusCode).toBe(200);
  });

  it('a rename or a new link is refused when its key comes with another body', async () => {
    const { connection } = await acme.invite();
    const send = async (method: 'PATCH' | 'POST', path: string, payload: object, key: string) =>
      (await acme.call(method, `/${connection.id}${path}`, payload, { 'idempotency-key': key })).statusCode;
    expect(await send('PATCH', '', { name: 'one', tags: ['a'] }, 'rename')).toBe(200);
    expect(await send('PATCH', '', { tags: ['a'], name: 'one' }, 'rename')).toBe(200);
    expect(await send('PATCH', '', { name: 'other', tags: ['a'] }, 'rename')).toBe(422);
    expect(await send('POST', '/invitation', {}, 'invite')).toBe(201);
    expect(await send('POST', '/invitation', { confirm: true }, 'invite')).toBe(422);
    expect(await acme.get(connection.id)).toMatchObject({ name: 'one', invitation: { epoch: 2, confirm: false } });
  });
});
