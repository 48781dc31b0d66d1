import { Webhook as StandardWebhook } from 'standardwebhooks';
import type { Static } from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Delivery, Replay } from '../../api/webhooks/delivery-schema.ts';
import type { Enabled, WithSecret } from '../../api/webhooks/schema.ts';
import type { ConnectionEventData, WebhookEvent } from '../../contracts/webhooks.ts';
import { eventually } from '../support/eventually.ts';
import { connect, platform } from './support/connect.ts';
import { startReceiver, type Received, type Receiver } from './support/receiver.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();
type Made = Static<typeof WithSecret>;

const verify = (secret: string, { body, headers }: Received): unknown =>
  new StandardWebhook(secret).verify(body, headers as Record<string, string>);
const sequenceOf = ({ data }: WebhookEvent): number => (data as ConnectionEventData).sequence;

describe.skipIf(address === null)('webhooks', { timeout: 90_000 }, () => {
  let stack: Stack;
  let receiver: Receiver;
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    receiver = await startReceiver();
  });
  afterAll(async () => await receiver.close());

  /** A tenant of its own, so that no other test's events reach it. */
  const tenantOf = async (tenant: string) => {
    const headers = await stack.keyFor(tenant, 'admin');
    const call = async (method: 'GET' | 'POST' | 'DELETE', path: string, payload?: object) =>
      await stack.app.inject({ method, url: `/v1/webhooks${path}`, headers, ...(payload && { payload }) });
    return {
      headers,
      call,
      async make(path: string, more: object = {}): Promise<Made> {
        const reply = await call('POST', '', { url: receiver.url(path), ...more });
        expect(reply.statusCode, reply.body).toBe(201);
        return reply.json<Made>();
      },
      async deliveries(id: string, query = '') {
        const reply = await call('GET', `/${id}/deliveries${query}`);
        expect(reply.statusCode, reply.body).toBe(200);
        return reply.json<{ items: readonly Delivery[]; nextCursor: string | null }>();
      },
      async replay(id: string, body: object): Promise<Replay> {
        const reply = await call('POST', `/${id}/replay`, body);
        expect(reply.statusCode, reply.body).toBe(202);
        const { id: replay } = reply.json<Replay>();
        return await eventually('the replay to end', async () => {
          const view = (await call('GET', `/${id}/replays/${replay}`)).json<Replay>();
          return view.status !== 'running' && view;
        });
      },
    };
  };

  it('a sample is signed as Standard Webhooks has it, and what the receiver answered is shown', async () => {
    const acme = await tenantOf('sampler');
    const { secret, webhook } = await acme.make('/sample');
    const sent = (
      await acme.call('POST', `/${webhook.id}/test`, { type: 'connection.action_required' })
    ).json<Delivery>();
    expect(sent).toMatchObject({
      status: 'delivered',
      attempts: [{ status: 204, problem: null }],
      nextAttemptAt: null,
    });
    const [received] = receiver.received('/sample');
    if (!received) throw new Error('Nothing was received.');
    expect(verify(secret, received)).toEqual(sent.event);
    expect(received.event).toMatchObject({ type: 'connection.action_required', test: true });

    receiver.answer('/sample', 500, `no, and ${secret}`);
    const refused = (await acme.call('POST', `/${webhook.id}/test`)).json<Delivery>();
    expect(refused).toMatchObject({ status: 'failed', attempts: [{ status: 500 }], nextAttemptAt: null });
    expect(refused.attempts[0]?.answer).toContain('no, and');
    expect(JSON.stringify(refused)).not.toContain(secret.slice('whsec_'.length));
    expect((await acme.call('GET', `/${webhook.id}/deliveries/${refused.id}`)).json()).toEqual(refused);
  });

  it('the events of a connection arrive once each, and can be read again after any of them', async () => {
    const acme = await tenantOf('teller');
    const { secret } = await acme.make('/told');
    const { connection } = await connect(stack, platform(stack, acme.headers));
    const told = await eventually('connection.connected', () => {
      const all = receiver.received('/told');
      return all.some(({ event }) => event.type === 'connection.connected') && all;
    });
    for (const each of told) expect(verify(secret, each)).toEqual(each.event);
    const sequences = told.map(({ event }) => sequenceOf(event)).toSorted((a, b) => a - b);
    expect(sequences).toEqual(sequences.map((_sequence, index) => index + 1));
    const read = async (query = '') => {
      const url = `/v1/connections/${connection.id}/events${query}`;
      const reply = await stack.app.inject({ url, headers: acme.headers });
      expect(reply.statusCode, reply.body).toBe(200);
      return reply.json<{ items: readonly WebhookEvent[]; complete: boolean }>();
    };
    const kept = await eventually('all events to be kept', async () => {
      const page = await read();
      return page.items.length === sequences.length && page;
    });
    expect(kept.complete).toBe(true);
    expect(kept.items.map(({ id }) => id).toSorted()).toEqual(told.map(({ event }) => event.id).toSorted());
    expect((await read('?after=2')).items.map(sequenceOf)).toEqual(sequences.slice(2));
    const globex = await tenantOf('globex');
    const foreign = await stack.app.inject({ url: `/v1/connections/${connection.id}/events`, headers: globex.headers });
    expect(foreign.statusCode).toBe(404);
  });

  it('one that waits is retried now, and the same event comes with the signatures of both secrets after a roll', async () => {
    const acme = await tenantOf('retrier');
    const made = await acme.make('/retry', { types: ['connection.created'] });
    const { id } = made.webhook;
    receiver.answer('/retry', 503, 'later');
    await platform(stack, acme.headers).invite();
    const waiting = await eventually('a delivery that failed once', async () => {
      const { items } = await acme.deliveries(id, '?status=pending');
      return items[0]?.attempts.length === 1 && items[0];
    });
    expect(waiting).toMatchObject({ status: 'pending', attempts: [{ status: 503, answer: 'later' }] });
    expect(waiting.nextAttemptAt).not.toBeNull();

    const rolled = (await acme.call('POST', `/${id}/roll-secret`)).json<Made>();
    receiver.answer('/retry', 200);
    expect((await acme.call('POST', `/${id}/deliveries/${waiting.id}/retry`)).statusCode).toBe(202);
    const delivered = await eventually('it to be delivered', async () => {
      const view = (await acme.call('GET', `/${id}/deliveries/${waiting.id}`)).json<Delivery>();
      return view.status === 'delivered' && view;
    });
    expect(delivered.attempts.map(({ status }) => status)).toContain(503);
    const last = receiver.received('/retry').at(-1);
    if (!last) throw new Error('Nothing was received.');
    for (const secret of [made.secret, rolled.secret]) expect(verify(secret, last)).toEqual(delivered.event);

    expect((await acme.call('DELETE', `/${id}/previous-secret`)).statusCode).toBe(204);
    // One that has ended is started again, and stays one row.
    expect((await acme.call('POST', `/${id}/deliveries/${waiting.id}/retry`)).statusCode).toBe(202);
    const count = receiver.received('/retry').length;
    const next = await eventually('the next request', () => receiver.received('/retry')[count]);
    expect(next.event).toEqual(delivered.event);
    expect(() => verify(made.secret, next)).toThrow('No matching signature');
    expect(verify(rolled.secret, next)).toEqual(next.event);
    await eventually('one row', async () => {
      const { items } = await acme.deliveries(id);
      return items.length === 1 && items[0]?.status === 'delivered';
    });
  });

  it('what failed is replayed with the same ids, and a new endpoint gets what was kept', async () => {
    const acme = await tenantOf('replayer');
    const since = new Date(Date.now() - 60_000).toISOString();
    const { webhook } = await acme.make('/gone', { types: ['connection.created', 'connection.paused'] });
    receiver.answer('/gone', 410);
    await platform(stack, acme.headers).invite();
    await platform(stack, acme.headers).invite();
    const disabled = await eventually('the endpoint to be disabled', async () => {
      const { items } = await acme.deliveries(webhook.id, '?status=failed');
      return items.length === 2 && items;
    });
    expect((await acme.call('POST', `/${webhook.id}/replay`, { scope: 'failed', since })).statusCode).toBe(409);
    receiver.answer('/gone', 200);
    const enabled = (await acme.call('POST', `/${webhook.id}/enable`)).json<Static<typeof Enabled>>();
    expect(enabled.webhook.status).toBe('enabled');

    const before = receiver.received('/gone').length;
    expect(await acme.replay(webhook.id, { scope: 'failed', since })).toMatchObject({
      status: 'finished',
      replayed: 2,
    });
    const again = await eventually('both events', () => {
      const all = receiver.received('/gone').slice(before);
      return all.length >= 2 && all;
    });
    expect(again.map(({ event }) => event.id).toSorted()).toEqual(disabled.map(({ event }) => event.id).toSorted());
    await eventually(
      'none to be failed',
      async () => (await acme.deliveries(webhook.id, '?status=failed')).items.length === 0,
    );

    const other = await acme.make('/new', { types: ['connection.created'] });
    expect(await acme.replay(other.webhook.id, { scope: 'all', since })).toMatchObject({
      status: 'finished',
      replayed: 2,
    });
    const got = await eventually('both events at the new endpoint', () => {
      const all = receiver.received('/new');
      return all.length >= 2 && all;
    });
    expect(got.map(({ event }) => event.id).toSorted()).toEqual(disabled.map(({ event }) => event.id).toSorted());
  });

  it('deliveries are listed page by page, each once', async () => {
    const acme = await tenantOf('pager');
    const { webhook } = await acme.make('/page');
    for (let sent = 0; sent < 5; sent += 1) await acme.call('POST', `/${webhook.id}/test`);
    const pages = await eventually('all of them to be listed', async () => {
      const ids: string[] = [];
      let cursor: string | null = null;
      do {
        const query: string = cursor === null ? '?limit=2' : `?limit=2&cursor=${cursor}`;
        const page = await acme.deliveries(webhook.id, query);
        ids.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor;
      } while (cursor !== null);
      return ids.length === 5 && ids;
    });
    expect(new Set(pages).size).toBe(5);
    const globex = await tenantOf('globex');
    const foreign = await globex.call('GET', `/${webhook.id}/deliveries/${pages[0]}`);
    expect(foreign.statusCode).toBe(404);
    const other = await acme.make('/other');
    const elsewhere = await acme.call('GET', `/${other.webhook.id}/deliveries/${pages[0]}`);
    expect([elsewhere.statusCode, elsewhere.json<{ code: string }>().code]).toEqual([404, 'delivery_not_found']);
    const page = await acme.deliveries(webhook.id, '?limit=2');
    const stolen = await acme.call('GET', `/${other.webhook.id}/deliveries?cursor=${page.nextCursor}`);
    expect([stolen.statusCode, stolen.json<{ code: string }>().code]).toEqual([400, 'invalid_cursor']);
  });

  it('a replay with an Idempotency-Key is one job, and one replay at a time goes to an endpoint', async () => {
    const acme = await tenantOf('repeater');
    const { webhook } = await acme.make('/repeat');
    const since = new Date(Date.now() - 60_000).toISOString();
    const start = async (body: object, key?: string) =>
      await stack.app.inject({
        method: 'POST',
        url: `/v1/webhooks/${webhook.id}/replay`,
        headers: { ...acme.headers, ...(key !== undefined && { 'idempotency-key': key }) },
        payload: body,
      });
    await stack.stopWorker();
    const first = await start({ scope: 'all', since }, 'one');
    expect([first.statusCode, first.json<Replay>().status]).toEqual([202, 'running']);
    const { id } = first.json<Replay>();
    const again = await start({ scope: 'all', since }, 'one');
    expect([again.statusCode, again.json<Replay>().id]).toEqual([200, id]);
    await eventually(
      'the replay to be listed',
      async () => (await stack.client.workflow.count(`WorkflowId='${id}'`)).count === 1,
    );
    const other = await start({ scope: 'all', since }, 'two');
    expect([other.statusCode, other.json<{ code: string }>().code]).toEqual([409, 'replay_running']);
    const cancelled = await acme.call('POST', `/${webhook.id}/replays/${id}/cancel`);
    expect([cancelled.statusCode, cancelled.json<Replay>().status]).toEqual([202, 'cancelling']);
    await stack.startWorker();
    await eventually('the replay to end', async () => {
      const view = (await acme.call('GET', `/${webhook.id}/replays/${id}`)).json<Replay>();
      return view.status === 'cancelled' || view.status === 'finished';
    });
    const reused = await start({ scope: 'failed', since }, 'one');
    expect([reused.statusCode, reused.json<{ code: string }>().code]).toEqual([422, 'idempotency_key_reused']);
    for (const wrong of ['2100-01-01T00:00:00Z', '2001-01-01T00:00:00Z']) {
      const reply = await start({ scope: 'all', since: wrong });
      expect([reply.statusCode, reply.json<{ code: string }>().code]).toEqual([422, 'replay_since_invalid']);
    }
  });
});
