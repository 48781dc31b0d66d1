import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../api/connections/schema.ts';
import { eventually } from '../support/eventually.ts';
import { platform, type Platform } from './support/connect.ts';
import { inviteRole, makeRole, trustPolicyOf, type InvitedRole } from './support/role.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();
const openPolicy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
};
const absentRole = 'arn:aws:iam::222233334441:role/not-made-yet';

describe.skipIf(address === null)('submitted values', { timeout: 30_000 }, () => {
  let stack: Stack;
  let acme: Platform;
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    acme = platform(stack, await stack.keyFor('acme', 'admin'));
  });
  const submit = async (id: string, body: object, headers = {}) =>
    await acme.call('POST', `/${id}/submission`, body, headers);
  const pendingOf = async ({ connection }: InvitedRole) => await stack.secrets.list('pending', `${connection.id}/`);
  const connected = async (): Promise<InvitedRole> => {
    const invited = await inviteRole(acme);
    const reply = await submit(invited.connection.id, { fields: { role_arn: await makeRole(stack.cloud, invited) } });
    expect(reply.statusCode, reply.body).toBe(200);
    await acme.until(invited.connection.id, 'active');
    return invited;
  };

  it('a role that was made as the guide says becomes an active connection', async () => {
    const { connection } = await connected();
    const active = await acme.get(connection.id);
    expect(active).toMatchObject({ account: { id: '222233334441' }, problem: null });
  });

  it('the guide names our own account, and an external ID of this connection alone', async () => {
    const [one, other] = [await inviteRole(acme), await inviteRole(acme)];
    const { externalId, accountId } = one.connection.setup;
    expect(accountId).toBe('111122223331');
    expect(externalId).toMatch(/^[\w-]{32}$/);
    expect(other.connection.setup['externalId']).not.toBe(externalId);
    const guide = (await acme.call('GET', `/${one.connection.id}/guide`)).json<InvitedRole['guide']>();
    expect(guide).toEqual(one.guide);
    expect(JSON.stringify(guide.blocks)).toContain(externalId);
    expect(guide.fields.map(({ name }) => name)).toEqual(['role_arn', 'duration_seconds', 'session_policy']);
  });

  it('the external ID stays the same when the creation is repeated', async () => {
    const body = { provider: 'aws', region: 'aws' };
    const create = async () => await acme.call('POST', '', body, { 'idempotency-key': 'role-once' });
    const [first, second] = [await create(), await create()];
    expect([first.statusCode, second.statusCode]).toEqual([201, 200]);
    expect(second.json<InvitedRole>().connection.setup).toEqual(first.json<InvitedRole>().connection.setup);
  });

  it('a creation is refused with the missing variables while our own identity is unknown', async () => {
    await stack.ephemeral.delete('provider-report:aws:aws-cn');
    const key = { 'idempotency-key': randomUUID() };
    const body = { provider: 'aws', region: 'aws-cn', name: 'never started' };
    const reply = await acme.call('POST', '', body, key);
    expect(reply.statusCode).toBe(503);
    expect(reply.json()).toMatchObject({
      code: 'identity_unknown',
      variables: ['AWS_CN_ACCESS_KEY_ID', 'AWS_CN_SECRET_ACCESS_KEY'],
    });
    const ready = async () => {
      const listed = await stack.app.inject({ url: '/v1/providers', headers: await stack.keyFor('acme', 'admin') });
      const { items } = listed.json<{ items: { id: string; ways: { region: string; ready: boolean }[] }[] }>();
      return items
        .find(({ id }) => id === 'aws')
        ?.ways.filter((way) => way.ready)
        .map(({ region }) => region);
    };
    expect(await ready()).toEqual(['aws', 'aws-us-gov']);
    await stack.stopWorker();
    await stack.startWorker();
    expect(await ready()).toContain('aws-cn');
    // The key was not used up by the refusal.
    expect((await acme.call('POST', '', body, key)).statusCode).toBe(201);
  });

  it('invalid values are refused with a sentence for each mistake, and none of them is stored', async () => {
    const invited = await inviteRole(acme);
    const reply = await submit(invited.connection.id, {
      fields: { role_arn: 'hunter2-is-no-arn', session_token: 'hunter2', duration_seconds: '5' },
    });
    expect(reply.statusCode).toBe(400);
    const { errors } = reply.json<{ errors: string[] }>();
    expect(errors.map((error) => error.split(':')[0])).toEqual([
      'fields.session_token',
      'fields.role_arn',
      'fields.duration_seconds',
    ]);
    expect(reply.body).not.toContain('hunter2');
    expect(await pendingOf(invited)).toEqual([]);
  });

  it('a connection without access yet shows its tries, the last problem and the time of the next try', async () => {
    const { connection } = await inviteRole(acme);
    expect((await submit(connection.id, { fields: { role_arn: absentRole } })).json()).toMatchObject({
      status: 'verifying',
    });
    const waiting = await eventually('a second try to be due', async () => {
      const { verification } = await acme.get(connection.id);
      return verification?.nextTryAt != null && verification;
    });
    expect(waiting).toMatchObject({ step: 'proof', lastProblem: { code: expect.stringMatching(/role/) as string } });
    expect(waiting.attempts).toBeGreaterThan(0);
  });

  it('values that are refused are destroyed, and the link stays open with the problem', async () => {
    const invited = await inviteRole(acme);
    const { id } = invited.connection;
    await submit(id, { fields: { role_arn: await makeRole(stack.cloud, invited, openPolicy) } });
    const back = await acme.until(id, 'awaiting_customer');
    expect(back.problem?.code).toBe('insecure_trust_policy');
    await eventually('the refused values to be gone', async () => (await pendingOf(invited)).length === 0);
    const again = await submit(id, { fields: { role_arn: await makeRole(stack.cloud, invited) } });
    expect(again.statusCode).toBe(200);
    await acme.until(id, 'active');
  });

  it('values can be repeated under their idempotency key, and other values under it are refused', async () => {
    const invited = await inviteRole(acme);
    const { id } = invited.connection;
    const body = { fields: { role_arn: absentRole } };
    const key = { 'idempotency-key': 'submitted-once' };
    const replies = [await submit(id, body, key), await submit(id, body, key)];
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    expect(await pendingOf(invited)).toHaveLength(1);
    const other = await submit(id, { fields: { role_arn: `${absentRole}-2` } }, key);
    expect(other.statusCode).toBe(422);
    expect(other.json()).toMatchObject({ code: 'idempotency_key_reused' });
    expect(await pendingOf(invited)).toHaveLength(1);
  });

  it('a repeat of values that are in use or were refused stores and changes nothing', async () => {
    const used = await inviteRole(acme);
    const good = { fields: { role_arn: await makeRole(stack.cloud, used) } };
    const key = { 'idempotency-key': 'submitted-and-used' };
    await submit(used.connection.id, good, key);
    await acme.until(used.connection.id, 'active');
    expect((await submit(used.connection.id, good, key)).json()).toMatchObject({ status: 'active' });

    const refused = await inviteRole(acme);
    const bad = { fields: { role_arn: await makeRole(stack.cloud, refused, openPolicy) } };
    await submit(refused.connection.id, bad, key);
    await acme.until(refused.connection.id, 'awaiting_customer');
    await eventually('the refused values to be gone', async () => (await pendingOf(refused)).length === 0);
    const again = await submit(refused.connection.id, bad, key);
    expect(again.json()).toMatchObject({ status: 'awaiting_customer', problem: { code: 'insecure_trust_policy' } });
    expect(await pendingOf(refused)).toEqual([]);
  });

  it('values are refused for a sign-in, without an open invitation, and from another tenant', async () => {
    const { connection } = await acme.invite();
    expect((await submit(connection.id, { fields: {} })).json()).toMatchObject({
      status: 409,
      code: 'nothing_to_submit',
    });
    const active = await connected();
    const late = await submit(active.connection.id, { fields: { role_arn: absentRole } });
    expect(late.json()).toMatchObject({ status: 409, code: 'no_open_invitation' });
    const stranger = platform(stack, await stack.keyFor('globex', 'admin'));
    const foreign = await stranger.call('POST', `/${active.connection.id}/submission`, { fields: {} });
    expect(foreign.statusCode).toBe(404);
  });

  it('values are not replaced while the account waits for confirmation, and refused ones are not stored', async () => {
    const invited = await inviteRole(acme, { invitation: { confirm: true } });
    const { id } = invited.connection;
    await submit(id, { fields: { role_arn: await makeRole(stack.cloud, invited) } });
    await eventually('the account to wait', async () => {
      const { verification } = await acme.get(id);
      return verification?.step === 'confirmation';
    });
    const before = await pendingOf(invited);
    const late = await submit(id, { fields: { role_arn: absentRole } });
    expect(late.json()).toMatchObject({ status: 409, code: 'already_verifying' });
    expect(await pendingOf(invited)).toEqual(before);
    expect((await acme.call('POST', `/${id}/confirm`)).statusCode).toBe(200);
    await acme.until(id, 'active');
  });

  it('a re-authorisation with new values accepts the same account and refuses another one', async () => {
    const invited = await connected();
    const { id } = invited.connection;
    const trustPolicy = trustPolicyOf(invited);
    const elsewhere = await stack.cloud.putAwsRole({ name: 'elsewhere', account: '555566667771', trustPolicy });
    expect((await acme.call('POST', `/${id}/reauthorize`)).statusCode).toBe(201);
    expect((await submit(id, { fields: { role_arn: elsewhere } })).statusCode).toBe(200);
    const kept = await eventually('the other account to be refused', async () => {
      const now = await acme.get(id);
      return now.status === 'active' && now.warnings.some(({ code }) => code === 'account_mismatch') && now;
    });
    expect(kept).toMatchObject({ account: { id: '222233334441' }, credential: { generation: 1 } });
    expect((await submit(id, { fields: { role_arn: await makeRole(stack.cloud, invited) } })).statusCode).toBe(200);
    const renewed = await eventually('the new role to be used', async () => {
      const now = await acme.get(id);
      return now.status === 'active' && now.credential?.generation === 2 && now;
    });
    expect(renewed.setup).toEqual(invited.connection.setup);
  });

  it('a session is handed out in the formats that AWS tools read, and other formats are refused', async () => {
    const { connection } = await connected();
    const read = async (format: string) => await acme.call('GET', `/${connection.id}/credentials?format=${format}`);
    const { credential } = (await read('json')).json<{ credential: Record<string, string> }>();
    expect(Object.keys(credential)).toEqual(['access_key_id', 'secret_access_key', 'session_token']);
    const tool = await read('credential_process');
    expect(tool.headers['cache-control']).toBe('no-store');
    expect(tool.headers['content-type']).toMatch(/^application\/json/);
    expect(tool.json()).toMatchObject({ Version: 1, AccessKeyId: credential['access_key_id'] });
    const lines = await read('environment');
    expect(lines.headers['content-type']).toMatch(/^text\/plain/);
    expect(lines.body).toContain(`export AWS_SECRET_ACCESS_KEY='${credential['secret_access_key']}'\n`);
    const unknown = await read('netrc');
    expect(unknown.statusCode).toBe(400);
    expect(unknown.json<Connection & { errors: string[] }>().errors[0]).toContain('credential_process');
  });
});
