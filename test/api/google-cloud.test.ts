import { beforeAll, describe, expect, it } from 'vitest';
import { liveKeys } from '../../stores/secrets/credential-record.ts';
import { platform, signIn, type Platform } from './support/connect.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();
const ada = 'ada@lindqvist.example';
const chloe = 'chloe@moreau.example';
const gcp = { provider: 'gcp', region: 'global' };

interface Lease {
  readonly credential: { readonly access_token: string };
}

describe.skipIf(address === null)('Google Cloud, through the API', { timeout: 30_000 }, () => {
  let stack: Stack;
  let acme: Platform;
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    acme = platform(stack, await stack.keyFor('acme', 'admin'));
  });
  const submit = async (id: string, file: object) =>
    await acme.call('POST', `/${id}/submission`, { fields: { service_account_key: JSON.stringify(file) } });
  const comeIn = async (account: string, more: object = {}) => {
    const invited = await acme.invite({ ...gcp, ...more });
    const { browser, callback, authorizeUrl } = await signIn(stack, invited.invitation.url, { account });
    expect((await browser.open(callback)).statusCode).toBe(303);
    return { ...invited, authorizeUrl };
  };
  const disconnect = async (id: string) => {
    await acme.call('DELETE', `/${id}`);
    return (await acme.until(id, 'disconnected')).tombstone;
  };

  it('a Google Cloud connection is made with a refresh token, refreshed, and revoked at the end', async () => {
    const { connection, authorizeUrl } = await comeIn(ada);
    expect(Object.fromEntries(authorizeUrl.searchParams)).toMatchObject({
      access_type: 'offline',
      prompt: 'consent',
      code_challenge_method: 'S256',
      redirect_uri: 'http://localhost:5000/callback',
    });
    const active = await acme.until(connection.id, 'active');
    expect(active.credential).toMatchObject({ renewable: true, generation: 1 });
    expect((await acme.call('POST', `/${connection.id}/refresh`)).json()).toMatchObject({
      outcome: 'refreshed',
      credential: { generation: 2 },
    });
    const lease = (await acme.call('GET', `/${connection.id}/credentials`)).body;
    const record = (await stack.secrets.read('live', liveKeys.renewal(connection.id)))?.data.reveal() ?? {};
    expect(lease).toContain(record['access_token']);
    expect(lease).not.toContain(record['refresh_token']);
    expect(await disconnect(connection.id)).toMatchObject({
      revocation: { outcome: 'revoked', revoked: ['refresh_token', 'access_token'] },
    });
    expect(await stack.cloud.counters('gcp')).toMatchObject({ grantsRevoked: 1 });
  });

  it('a redirect without the issuer that Google always names is refused and does not use up the sign-in', async () => {
    const invited = await acme.invite(gcp);
    const { browser, callback } = await signIn(stack, invited.invitation.url, { account: ada });
    const stripped = new URL(callback);
    stripped.searchParams.delete('iss');
    const refused = await browser.open(stripped.href);
    expect([refused.statusCode, refused.headers['content-type']]).toEqual([400, 'text/html; charset=utf-8']);
    expect(refused.body).toContain('issuer_missing');
    expect(await acme.get(invited.connection.id)).toMatchObject({ status: 'awaiting_customer', problem: null });
    expect((await browser.open(callback)).statusCode).toBe(303);
    await acme.until(invited.connection.id, 'active');
  });

  it('a read-only Google Cloud connection requests scopes that read, and no other access', async () => {
    const { authorizeUrl, connection } = await comeIn(ada, { method: 'authorization_code_readonly' });
    const [openid, email, ...others] = authorizeUrl.searchParams.get('scope')?.split(' ') ?? [];
    expect([openid, email]).toEqual(['openid', 'https://www.googleapis.com/auth/userinfo.email']);
    expect(others.filter((scope) => !/\.read-?only$/.test(scope))).toEqual([]);
    expect(others).toHaveLength(4);
    const { credential } = await acme.until(connection.id, 'active');
    expect(credential?.scopes).toContain('https://www.googleapis.com/auth/cloud-platform.read-only');
    expect(credential?.scopes).not.toContain('https://www.googleapis.com/auth/cloud-platform');
  });

  it('a Google Cloud connection warns from the start that its access ends where the app is in testing', async () => {
    await stack.cloud.change({ gcp: { publishingStatus: 'testing' } });
    const { connection } = await comeIn(ada);
    const { warnings } = await acme.until(connection.id, 'active');
    await stack.cloud.change({ gcp: { publishingStatus: 'production' } });
    expect(warnings).toMatchObject([{ code: 'access_ends' }]);
  });

  it('a Google Cloud connection waits for an account without projects, and continues once it has one', async () => {
    const { connection } = await comeIn(chloe);
    const waiting = await acme.until(connection.id, 'verifying');
    expect(waiting.account?.displayName ?? null).toBeNull();
    await stack.cloud.gcp.grant(chloe, ['okafor-shop']);
    await acme.call('POST', `/${connection.id}/try-now`);
    expect((await acme.until(connection.id, 'active')).account).toMatchObject({ displayName: chloe });
  });

  it('a service account key is never handed out, and the tombstone says how to delete it', async () => {
    const { connection } = await acme.invite({ ...gcp, method: 'service_account' });
    const file = await stack.cloud.gcp.createKey();
    expect((await submit(connection.id, file)).statusCode).toBe(200);
    await acme.until(connection.id, 'active');
    const before = (await acme.call('GET', `/${connection.id}/credentials`)).json<Lease>();
    expect((await acme.call('POST', `/${connection.id}/refresh`)).json()).toMatchObject({ outcome: 'refreshed' });
    const reply = await acme.call('GET', `/${connection.id}/credentials`);
    expect(reply.json<Lease>().credential.access_token).not.toBe(before.credential.access_token);
    expect(reply.body).not.toContain('PRIVATE KEY');

    const tombstone = await disconnect(connection.id);
    expect(tombstone?.revocation).toMatchObject({ outcome: 'unsupported' });
    expect(JSON.stringify(tombstone)).toContain(`keys delete ${file['private_key_id']}`);
    expect(await stack.secrets.list('live', `${connection.id}/`)).toEqual([]);
    expect(stack.log()).not.toContain('PRIVATE KEY');
  });

  it('a key file with a foreign token URI is refused, and the right one is accepted on the same invitation', async () => {
    const { connection } = await acme.invite({ ...gcp, method: 'service_account' });
    const file = await stack.cloud.gcp.createKey();
    await submit(connection.id, { ...file, token_uri: 'http://169.254.169.254/token' });
    const refused = await acme.until(connection.id, 'awaiting_customer');
    expect(refused.problem).toMatchObject({ code: 'key_token_uri_refused' });
    await submit(connection.id, file);
    await acme.until(connection.id, 'active');
  });
});
