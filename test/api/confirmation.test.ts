import { beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../api/connections/schema.ts';
import { eventually } from '../support/eventually.ts';
import { connect, platform, signIn, type Invited, type Platform } from './support/connect.ts';
import { inviteRole, makeRole } from './support/role.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();

describe.skipIf(address === null)('an account that comes in by an open link', { timeout: 30_000 }, () => {
  let stack: Stack;
  /** Says nothing of its own about confirmation. */
  let careful: Platform;
  let trusting: Platform;
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    careful = platform(stack, await stack.keyFor('careful', 'admin'));
    trusting = platform(stack, await stack.keyFor('trusting', 'admin'));
    await stack.secrets.destroy('config', 'tenants/careful');
  });

  const comeIn = async ({ invitation }: Invited, account?: string): Promise<void> => {
    const { browser, callback } = await signIn(stack, invitation.url, account ? { account } : {});
    expect((await browser.open(callback)).statusCode).toBe(303);
  };
  const waits = async (backend: Platform, id: string): Promise<Connection> =>
    await eventually('the account to wait for its confirmation', async () => {
      const connection = await backend.get(id);
      return connection.verification?.step === 'confirmation' && connection;
    });

  it('an account that signed in is not used before the tenant confirms it, although nobody asked for that', async () => {
    const invited = await careful.invite();
    const { id } = invited.connection;
    expect(invited.connection.invitation).toMatchObject({ confirm: true });
    await comeIn(invited);
    expect(await waits(careful, id)).toMatchObject({
      credential: null,
      verification: { account: { id: 'la12345-ovh' } },
    });
    expect(await stack.secrets.list('live', `${id}/`)).toEqual([]);
    expect((await careful.call('POST', `/${id}/confirm`)).statusCode).toBe(200);
    await careful.until(id, 'active');
  });

  it('an account whose values were submitted is not used before the tenant confirms it either', async () => {
    const invited = await inviteRole(careful);
    const { id } = invited.connection;
    const fields = { role_arn: await makeRole(stack.cloud, invited) };
    await careful.call('POST', `/${id}/submission`, { fields });
    await waits(careful, id);
    expect(await stack.secrets.list('live', `${id}/`)).toEqual([]);
  });

  it('a new link of a connection asks for confirmation as the first one did', async () => {
    const { connection } = await careful.invite({ invitation: { confirm: false } });
    const again = (await careful.call('POST', `/${connection.id}/invitation`)).json<Invited>();
    expect(again.connection.invitation).toMatchObject({ epoch: 2, confirm: true });
  });

  it.each([true, false])('the request decides, whatever the tenant says: confirm %s', async (confirm) => {
    for (const backend of [careful, trusting]) {
      const { connection } = await backend.invite({ invitation: { confirm } });
      expect(connection.invitation).toMatchObject({ confirm });
    }
  });

  it('an account is used at once for a tenant that says so', async () => {
    const { connection } = await connect(stack, trusting);
    expect(await trusting.get(connection.id)).toMatchObject({ status: 'active' });
  });

  it('signing in again with the same account needs no confirmation; where another may come in, that is confirmed', async () => {
    const { connection } = await connect(stack, careful, { invitation: { confirm: false } });
    const { id } = connection;
    const same = (await careful.call('POST', `/${id}/reauthorize`)).json<Invited>();
    expect(same.connection.invitation).toMatchObject({ purpose: 'reauthorize', confirm: false });
    await comeIn(same);
    await eventually('the sign-in', async () => (await careful.get(id)).invitation === null);
    const other = await careful.call('POST', `/${id}/reauthorize`, { allowDifferentAccount: true });
    expect(other.json<Invited>().connection.invitation).toMatchObject({ confirm: true });
    await comeIn(other.json<Invited>(), 'ob67890-ovh');
    expect(await waits(careful, id)).toMatchObject({ account: { id: 'la12345-ovh' } });
  });

  it('a repeated request is the same one, although the tenant has changed its mind in between', async () => {
    const fickle = platform(stack, await stack.keyFor('fickle', 'admin'));
    const key = { 'idempotency-key': 'one' };
    const create = async () => await fickle.call('POST', '', { provider: 'ovh', region: 'ovh-eu' }, key);
    const first = (await create()).json<Invited>();
    const document = { displayName: 'Fickle', platformRedirectUris: [], confirmsInvitations: true };
    await stack.tenants.write('fickle', document);
    const again = await create();
    expect(again.statusCode, again.body).toBe(200);
    expect(again.json<Invited>().invitation).toEqual(first.invitation);
    expect(again.json<Invited>().connection.invitation).toMatchObject({ confirm: false });
  });
});
