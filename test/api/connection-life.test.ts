import { beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../api/connections/schema.ts';
import { connect, platform, signIn, type Invited, type Platform } from './support/connect.ts';
import { eventually } from '../support/eventually.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();

describe.skipIf(address === null)('a connection, through the API', () => {
  let stack: Stack;
  let acme: Platform;
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    acme = platform(stack, await stack.keyFor('acme', 'admin'));
  });

  it('a connection goes from invited to active, and its timeline lists the events in order', async () => {
    const { connection } = await connect(stack, acme, { name: 'production', tags: ['prod', 'team:core'] });
    expect(await acme.get(connection.id)).toMatchObject({
      tenant: 'acme',
      name: 'production',
      tags: ['prod', 'team:core'],
      status: 'active',
      problem: null,
      invitation: null,
      account: { id: expect.any(String) },
      credential: { generation: 1, renewable: true },
    });
    const { items } = (await acme.call('GET', `/${connection.id}/timeline`)).json<{ items: { event: string }[] }>();
    expect(items.map(({ event }) => event)).toEqual(['invited', 'signed_in', 'connected']);
  });

  it('a connection with the longest name that there can be is started, and keeps its name', async () => {
    for (const name of ['😀'.repeat(100), '*'.repeat(200), 'é'.repeat(200)]) {
      expect((await acme.invite({ name })).connection.name).toBe(name);
    }
  });

  it('a tenant that has as many connections as it may have starts another one once one has ended', async () => {
    const quotas = { connections: 1, submissionsPerMinute: null, validationsPerMinute: null, invitationsPerHour: null };
    const small = await startStack(address ?? '', { quotas });
    const umbrella = platform(small, await small.keyFor('umbrella', 'admin'));
    const once = { 'idempotency-key': 'once' };
    const body = { provider: 'ovh', region: 'ovh-eu' };
    const first = await umbrella.call('POST', '', body, once);
    expect(first.statusCode).toBe(201);
    await eventually('the connection to be counted', async () => {
      small.advance(5);
      return (await umbrella.call('POST', '', body)).statusCode === 403;
    });
    expect((await umbrella.call('POST', '', body, once)).statusCode).toBe(200);
    const { id } = first.json<Invited>().connection;
    await umbrella.call('DELETE', `/${id}`);
    await umbrella.until(id, 'disconnected');
    await eventually('its place to be free', async () => {
      small.advance(5);
      return (await umbrella.call('POST', '', body)).statusCode === 201;
    });
  });

  it('the response for a connection names the source of its view in a header', async () => {
    const { connection } = await acme.invite();
    const reply = await acme.call('GET', `/${connection.id}`);
    expect(reply.headers['mooring-view-source']).toBe('temporal');
  });

  it('a connection is renamed and tagged, and fields that the request leaves out stay', async () => {
    const { connection } = await acme.invite({ name: 'one', tags: ['a'] });
    const renamed = await acme.call('PATCH', `/${connection.id}`, { name: 'two' });
    expect(renamed.json()).toMatchObject({ name: 'two', tags: ['a'] });
    expect((await acme.call('PATCH', `/${connection.id}`, { tags: [], name: null })).json()).toMatchObject({
      name: null,
      tags: [],
    });
    expect((await acme.call('PATCH', `/${connection.id}`, {})).statusCode).toBe(400);
  });

  it('a connection that is paused refuses a refresh and is active again after a resume', async () => {
    const { connection } = await connect(stack, acme);
    expect((await acme.call('POST', `/${connection.id}/pause`)).json()).toMatchObject({ status: 'paused' });
    expect((await acme.call('POST', `/${connection.id}/refresh`)).json()).toMatchObject({
      code: 'connection_paused',
      status: 409,
    });
    expect((await acme.call('POST', `/${connection.id}/resume`)).json()).toMatchObject({ status: 'active' });
  });

  it('refresh requests at the same time or right after each other share one renewal', async () => {
    const { connection } = await connect(stack, acme);
    const refresh = async () => await acme.call('POST', `/${connection.id}/refresh`);
    const replies = await Promise.all([refresh(), refresh()]);
    for (const reply of replies) {
      expect(reply.json()).toMatchObject({ outcome: 'refreshed', credential: { generation: 2 } });
    }
    expect(replies.filter((reply) => reply.json<{ spent: boolean }>().spent)).toHaveLength(1);
    expect((await refresh()).json()).toMatchObject({
      outcome: 'refreshed',
      spent: false,
      credential: { generation: 2 },
    });
  });

  it('a connection with required confirmation hands out no credential until its account is confirmed', async () => {
    const { connection, invitation } = await acme.invite({ invitation: { confirm: true } });
    const early = await acme.call('POST', `/${connection.id}/confirm`);
    expect(early.json()).toMatchObject({ status: 409, code: 'nothing_to_confirm' });
    const { browser, callback } = await signIn(stack, invitation.url);
    await browser.open(callback);
    await eventually(
      'the account to wait',
      async () => (await acme.get(connection.id)).verification?.step === 'confirmation',
    );
    const waiting = await acme.get(connection.id);
    expect(waiting).toMatchObject({
      status: 'verifying',
      problem: { code: 'confirmation_required' },
      verification: { account: { id: expect.any(String) } },
    });
    expect((await acme.call('GET', `/${connection.id}/credentials`)).json()).toMatchObject({
      status: 409,
      code: 'confirmation_required',
    });
    expect((await acme.call('POST', `/${connection.id}/confirm`)).statusCode).toBe(200);
    await acme.until(connection.id, 'active');
  });

  it('a connection is re-authorised under the same id through a new link', async () => {
    const { connection } = await connect(stack, acme);
    const reply = await acme.call('POST', `/${connection.id}/reauthorize`);
    expect(reply.statusCode, reply.body).toBe(201);
    const again = reply.json<Invited>();
    expect(again.connection).toMatchObject({
      id: connection.id,
      status: 'active',
      invitation: { purpose: 'reauthorize', epoch: 2 },
    });
    const { browser, callback } = await signIn(stack, again.invitation.url);
    await browser.open(callback);
    const back = await eventually('the sign-in to be taken over', async () => {
      const view = await acme.get(connection.id);
      return view.invitation === null && view.status === 'active' && view;
    });
    expect(back.id).toBe(connection.id);
  });

  it('a connection can be disconnected repeatedly, and leaves a tombstone and no secret', async () => {
    const { connection } = await connect(stack, acme);
    const first = await acme.call('DELETE', `/${connection.id}`);
    expect(first.statusCode).toBe(202);
    const ended = await acme.until(connection.id, 'disconnected');
    expect(ended.tombstone).toMatchObject({ revocation: { outcome: 'revoked' }, disconnectedAt: expect.any(String) });
    const again = await acme.call('DELETE', `/${connection.id}`);
    expect(again.statusCode).toBe(202);
    expect(again.json()).toMatchObject({ status: 'disconnected' });
    expect((await acme.call('POST', `/${connection.id}/pause`)).json()).toMatchObject({
      status: 409,
      code: 'connection_ended',
    });
    expect((await acme.call('GET', `/${connection.id}/credentials`)).statusCode).toBe(409);
    for (const gate of ['live', 'revoking'] as const)
      expect(await stack.secrets.list(gate, `${connection.id}/`)).toEqual([]);
  });

  it(
    'a disconnected connection is answered from its tombstone after Temporal has deleted its workflow',
    { timeout: 90_000 },
    async () => {
      const { connection } = await connect(stack, acme);
      await acme.call('DELETE', `/${connection.id}`);
      await acme.until(connection.id, 'disconnected');
      const { namespace } = stack.client.options;
      await stack.client.workflow.getHandle(connection.id).result();
      await stack.client.workflowService.deleteWorkflowExecution({
        namespace,
        workflowExecution: { workflowId: connection.id },
      });
      // Temporal deletes asynchronously.
      const answered = async () => {
        const answer = await acme.call('GET', `/${connection.id}`);
        return answer.headers['mooring-view-source'] === 'tombstone' && answer;
      };
      const reply = await eventually('Temporal to forget', answered, 60_000);
      expect(reply.json()).toMatchObject({
        id: connection.id,
        status: 'disconnected',
        tombstone: { revocation: { outcome: 'revoked' } },
      });
      const { items } = (await acme.call('GET', `/${connection.id}/timeline`)).json<{ items: { event: string }[] }>();
      expect(items).toMatchObject([{ event: 'disconnected' }]);
      expect((await acme.call('DELETE', `/${connection.id}`)).statusCode).toBe(202);
    },
  );

  describe('in the list', () => {
    type PageReply = { items: Connection[]; nextCursor: string | null };
    const page = async (backend: Platform, query: string) => (await backend.call('GET', `?${query}`)).json<PageReply>();

    it('the list shows a new connection and finds it by tag, region, status, provider and method', async () => {
      const lister = platform(stack, await stack.keyFor('lister', 'admin'));
      const { connection } = await lister.invite({ tags: ['blue'], region: 'ovh-ca' });
      await lister.invite({ tags: ['green'] });
      for (const query of ['tag=blue', 'region=ovh-ca', 'tag=blue&status=awaiting_customer&status=active']) {
        const items = await eventually('the list to show it', async () => {
          const found = await page(lister, query);
          return found.items.length > 0 && found.items;
        });
        expect(
          items.map(({ id }) => id),
          query,
        ).toEqual([connection.id]);
      }
      expect((await page(lister, 'tag=blue&status=active')).items).toEqual([]);
      expect((await page(lister, 'provider=ovh&method=authorization_code')).items).toHaveLength(2);
    });

    it('the list shows a connection with its changed status', async () => {
      const watcher = platform(stack, await stack.keyFor('watcher', 'admin'));
      const { connection } = await connect(stack, watcher);
      const items = await eventually('the list to show it', async () => {
        const found = await page(watcher, 'status=active');
        return found.items.length > 0 && found.items;
      });
      expect(items).toMatchObject([{ id: connection.id, status: 'active', account: { id: expect.any(String) } }]);
    });

    it('the list is paged without loss or repetition, and a cursor is valid for one tenant and its filters', async () => {
      const pager = platform(stack, await stack.keyFor('pager', 'admin'));
      const made = new Set<string>();
      for (let count = 0; count < 5; count++) made.add((await pager.invite()).connection.id);
      await eventually('the list to show all', async () => (await page(pager, 'limit=200')).items.length === 5);
      const seen: string[] = [];
      let cursor = '';
      do {
        const { items, nextCursor } = await page(pager, `limit=2${cursor}`);
        seen.push(...items.map(({ id }) => id));
        cursor = nextCursor === null ? '' : `&cursor=${encodeURIComponent(nextCursor)}`;
        expect(seen.length).toBeLessThanOrEqual(5);
      } while (cursor !== '');
      expect(new Set(seen)).toEqual(made);
      expect(seen).toHaveLength(5);

      const { nextCursor } = await page(pager, 'limit=2');
      const foreign = await acme.call('GET', `?limit=2&cursor=${encodeURIComponent(nextCursor ?? '')}`);
      expect(foreign.json()).toMatchObject({ status: 400, code: 'invalid_cursor' });
      const narrowed = await pager.call('GET', `?limit=2&status=active&cursor=${encodeURIComponent(nextCursor ?? '')}`);
      expect(narrowed.json()).toMatchObject({ status: 400, code: 'invalid_cursor' });
    });
  });
});
