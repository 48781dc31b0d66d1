import { beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../api/connections/schema.ts';
import { Secret } from '../../platform/secret.ts';
import { liveKeys, type CredentialRecord } from '../../stores/secrets/credential-record.ts';
import { eventually } from '../support/eventually.ts';
import { connect, platform, signIn, type Invited, type Platform } from './support/connect.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();

describe.skipIf(address === null)('what is read right after a write', { timeout: 60_000 }, () => {
  let stack: Stack;
  let acme: Platform;
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    acme = platform(stack, await stack.keyFor('acme', 'admin'));
  });
  const active = async () => (await connect(stack, acme)).connection.id;
  const waiting = async () => (await acme.invite()).connection.id;
  const confirming = async () => {
    const { connection, invitation } = await acme.invite({ invitation: { confirm: true } });
    const { browser, callback } = await signIn(stack, invitation.url);
    await browser.open(callback);
    await eventually(
      'the account to wait',
      async () => (await acme.get(connection.id)).verification?.step === 'confirmation',
    );
    return connection.id;
  };

  it.each([
    ['a rename', waiting, 'PATCH', '', { name: 'new', tags: ['t'] }, { name: 'new', tags: ['t'] }],
    ['a new link', waiting, 'POST', '/invitation', {}, { invitation: { epoch: 2 } }],
    ['a revoked link', waiting, 'DELETE', '/invitation', undefined, { invitation: null }],
    ['a confirmation', confirming, 'POST', '/confirm', undefined, { problem: null }],
    ['a pause', active, 'POST', '/pause', undefined, { status: 'paused' }],
    ['a re-authorisation', active, 'POST', '/reauthorize', {}, { invitation: { purpose: 'reauthorize' } }],
    ['a refresh', active, 'POST', '/refresh', undefined, { credential: { generation: 2 } }],
    ['a verification', active, 'POST', '/verify', undefined, { status: 'active' }],
  ] as const)('a read right after %s shows it', async (_what, made, method, path, body, expected) => {
    const id = await made();
    const reply = await acme.call(method, `/${id}${path}`, body);
    expect(reply.statusCode, reply.body).toBeLessThan(300);
    expect(await acme.get(id)).toMatchObject(expected);
  });

  it('a read right after a resume shows the connection as active', async () => {
    const id = await active();
    await acme.call('POST', `/${id}/pause`);
    expect((await acme.call('POST', `/${id}/resume`)).json()).toMatchObject({ status: 'active' });
    expect(await acme.get(id)).toMatchObject({ status: 'active' });
  });

  it('a read right after a disconnect shows it as under way or complete', async () => {
    const id = await active();
    expect((await acme.call('DELETE', `/${id}`)).statusCode).toBe(202);
    expect(['disconnecting', 'disconnected']).toContain((await acme.get(id)).status);
  });

  it('a read after a rename is never older than its response, even with concurrent writes', async () => {
    const id = await waiting();
    for (let turn = 0; turn < 10; turn++) {
      const [reply] = await Promise.all([
        acme.call('PATCH', `/${id}`, { name: `name ${turn}` }),
        acme.call('POST', `/${id}/invitation`, {}),
      ]);
      const { name, updatedAt } = await acme.get(id);
      expect(name).toBe(`name ${turn}`);
      expect(Date.parse(updatedAt)).toBeGreaterThanOrEqual(Date.parse(reply.json<Connection>().updatedAt));
    }
  });

  it('a renewal by upkeep is shown in the connection and in the list, although the view did not change', async () => {
    const id = await active();
    // The view reads the discovery from the inventory first; the connection receives it a moment later.
    await eventually('the first discovery to be told of', async () => {
      const { items } = (await acme.call('GET', `/${id}/timeline`)).json<{ items: { event: string }[] }>();
      return items.some(({ event }) => event === 'discovered');
    });
    const { updatedAt } = await acme.get(id);
    const stored = await stack.secrets.read('live', liveKeys.renewal(id));
    const record = stored?.data.reveal() as CredentialRecord;
    const due = { ...record, mooring: { ...record.mooring, next_refresh_at_ms: Date.now() - 1 } };
    await stack.secrets.write('live', liveKeys.renewal(id), new Secret(due));
    const asked = await acme.call('POST', `/${id}/try-now`);
    expect(asked.statusCode, asked.body).toBe(202);
    const renewed = await eventually('upkeep to renew it', async () => {
      const connection = await acme.get(id);
      return connection.credential?.generation === 2 && connection;
    });
    expect(renewed).toMatchObject({
      status: 'active',
      updatedAt,
      health: { state: 'ok' },
      credential: { renewable: true },
    });
    const listed = async () =>
      (await acme.call('GET', '')).json<{ items: Connection[] }>().items.find((item) => item.id === id);
    expect((await eventually('the list to have it', listed)).credential?.generation).toBe(2);
  });

  it('the stored credential is shown where upkeep has reported nothing and the ephemeral store is lost', async () => {
    const id = await active();
    const { invitation } = (await acme.call('POST', `/${id}/reauthorize`, {})).json<Invited>();
    expect(invitation.url).toContain('/connect/');
    await acme.call('POST', `/${id}/pause`);
    const stored = await stack.secrets.read('live', liveKeys.access(id));
    const record = stored?.data.reveal() as CredentialRecord;
    const newer = { ...record, mooring: { ...record.mooring, generation: 5 } };
    await stack.secrets.write('live', liveKeys.access(id), new Secret(newer));
    stack.loseEphemeralStore(true);
    try {
      expect(await acme.get(id)).toMatchObject({ status: 'paused', credential: { generation: 5 } });
    } finally {
      stack.loseEphemeralStore(false);
    }
  });
});
