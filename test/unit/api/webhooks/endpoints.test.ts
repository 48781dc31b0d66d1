import { beforeEach, describe, expect, it } from 'vitest';
import type { Static } from 'typebox';
import type { Enabled, Webhook, WebhookList, WithSecret } from '../../../../api/webhooks/schema.ts';
import type { DeliveriesGateway } from '../../../../api/webhooks/gateway.ts';
import type { DeliveryInput, DeliveryView } from '../../../../contracts/webhooks.ts';
import { MOST_ENDPOINTS } from '../../../../stores/webhooks/port.ts';
import { composeApp, type ComposedApp } from '../composed-app.ts';

type Made = Static<typeof WithSecret>;
const url = 'https://hooks.acme.example/mooring';

describe('/v1/webhooks', () => {
  let composed: ComposedApp;
  let acme: { authorization: string };
  let asked: readonly unknown[];
  beforeEach(async () => {
    const deliveries = {
      send: async ({ event, endpoint }: DeliveryInput): Promise<DeliveryView> =>
        await Promise.resolve({
          id: `whd_${endpoint}_${event.id}`,
          endpoint,
          event,
          status: 'delivered',
          attempts: [{ at: event.timestamp, durationMs: 3, status: 204, answer: null, problem: null }],
          nextAttemptAt: null,
          createdAt: event.timestamp,
        }),
      countFailed: async (...given: unknown[]) => {
        asked = given;
        return await Promise.resolve(3);
      },
    } as unknown as DeliveriesGateway;
    asked = [];
    composed = await composeApp({}, { deliveries });
    acme = await composed.keyFor('acme', 'webhooks:write', 'webhooks:read');
  });
  const call = async (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path = '',
    payload?: object,
    headers: { authorization: string } = acme,
  ) => await composed.app.inject({ method, url: `/v1/webhooks${path}`, headers, ...(payload && { payload }) });
  const make = async (body: object = {}): Promise<Made> => {
    const reply = await call('POST', '', { url, ...body });
    expect(reply.statusCode, reply.body).toBe(201);
    return reply.json<Made>();
  };
  const endpoints = () => composed.deps.webhookEndpoints;
  const stored = async (id: string) => {
    const found = await endpoints().read('acme', id);
    if (!found) throw new Error(`There is no endpoint ${id}.`);
    return found;
  };

  it('an endpoint shows its secret once, at creation, and never in the log', async () => {
    const reply = await call('POST', '', { url, types: ['connection.connected'], tags: ['prod'], providers: ['aws'] });
    expect(reply.headers).toMatchObject({ 'cache-control': 'no-store' });
    const { secret, webhook } = reply.json<Made>();
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(reply.headers['location']).toBe(`/v1/webhooks/${webhook.id}`);
    expect(webhook).toEqual({
      id: expect.stringMatching(/^whe_[a-z2-7]{26}$/),
      url,
      description: null,
      types: ['connection.connected'],
      providers: ['aws'],
      tags: ['prod'],
      status: 'enabled',
      disabled: null,
      failing: null,
      previousSecretUntil: null,
      createdAt: '2026-11-23T08:00:00.000Z',
      updatedAt: '2026-11-23T08:00:00.000Z',
    });
    const [list, one] = [await call('GET'), await call('GET', `/${webhook.id}`)];
    expect(list.json<Static<typeof WebhookList>>().items).toEqual([webhook]);
    expect(one.json<Webhook>()).toEqual(webhook);
    expect(list.body + one.body + composed.log()).not.toContain(secret.slice('whsec_'.length));
    expect((await stored(webhook.id)).signing.current.reveal()).toBe(secret);
  });

  it('what is not an endpoint is refused with its reason, and nothing is made', async () => {
    for (const [body, status, code] of [
      [{ url: 'http://hooks.acme.example/' }, 422, 'webhook_url_refused'],
      [{ url: 'https://10.0.0.1/' }, 422, 'webhook_url_refused'],
      [{ url, providers: ['nimbus'] }, 422, 'provider_unknown'],
      [{ url, types: ['connection.refreshed'] }, 400, 'invalid_request'],
      [{ url, disabled: null }, 400, 'invalid_request'],
      [{}, 400, 'invalid_request'],
    ] as const) {
      const reply = await call('POST', '', body);
      expect([body, reply.statusCode, reply.json<{ code: string }>().code]).toEqual([body, status, code]);
    }
    expect((await call('GET')).json()).toEqual({ items: [] });
  });

  it('a tenant has 16 endpoints at most', async () => {
    for (let made = 0; made < MOST_ENDPOINTS; made += 1) await make();
    const reply = await call('POST', '', { url });
    expect([reply.statusCode, reply.json<{ code: string }>().code]).toEqual([409, 'too_many_webhooks']);
  });

  it('to another tenant an endpoint does not exist', async () => {
    const { webhook } = await make();
    const globex = await composed.keyFor('globex', 'admin');
    const path = `/${webhook.id}`;
    const replies = [
      await call('GET', path, undefined, globex),
      await call('PATCH', path, { description: 'mine' }, globex),
      await call('DELETE', path, undefined, globex),
      ...(await Promise.all(
        ['roll-secret', 'enable', 'disable', 'test'].map(
          async (verb) => await call('POST', `${path}/${verb}`, undefined, globex),
        ),
      )),
      await call('POST', `${path}/replay`, { scope: 'all', since: '2026-11-20T00:00:00Z' }, globex),
      await call('GET', `${path}/deliveries`, undefined, globex),
      await call('DELETE', `${path}/previous-secret`, undefined, globex),
    ];
    for (const reply of replies) {
      expect([reply.statusCode, reply.json<{ code: string }>().code]).toEqual([404, 'webhook_not_found']);
    }
    expect((await call('GET', path)).json<Webhook>()).toEqual(webhook);
    expect((await call('GET', '', undefined, globex)).json()).toEqual({ items: [] });
  });

  it('a change keeps what it leaves out, and another URL begins with a clean record', async () => {
    const { webhook } = await make({ tags: ['prod'] });
    const failing = { since: '2026-11-22T08:00:00.000Z', attempts: 7, warnedAt: null };
    await endpoints().change(await stored(webhook.id), { failing });
    const renamed = (await call('PATCH', `/${webhook.id}`, { description: 'Billing' })).json<Webhook>();
    expect(renamed).toMatchObject({ url, tags: ['prod'], description: 'Billing', status: 'failing', failing });
    const moved = (await call('PATCH', `/${webhook.id}`, { url: 'https://other.example/x' })).json<Webhook>();
    expect(moved).toMatchObject({ description: 'Billing', url: 'https://other.example/x', failing: null });
    const refused = await call('PATCH', `/${webhook.id}`, { url: 'https://127.0.0.1/' });
    expect(refused.json()).toMatchObject({ code: 'webhook_url_refused' });
    expect((await call('PATCH', `/${webhook.id}`, {})).statusCode).toBe(400);
  });

  it('a change is made although a worker notes its health at the same moment', async () => {
    const { webhook } = await make();
    const { webhookEndpoints } = composed.deps;
    const failing = { since: '2026-11-22T08:00:00.000Z', attempts: 1, warnedAt: null };
    const before = await stored(webhook.id);
    let isFirst = true;
    const other = await composeApp(
      {},
      {
        apiKeys: composed.deps.apiKeys,
        webhookEndpoints: {
          ...webhookEndpoints,
          async read(tenant, id) {
            const found = await webhookEndpoints.read(tenant, id);
            if (isFirst) await webhookEndpoints.change(before, { failing });
            isFirst = false;
            return found;
          },
        },
      },
    );
    const reply = await other.app.inject({
      method: 'PATCH',
      url: `/v1/webhooks/${webhook.id}`,
      headers: acme,
      payload: { description: 'Billing' },
    });
    expect(reply.json()).toMatchObject({ description: 'Billing', failing });
  });

  it('a rolled secret signs beside the new one for 24 hours, and the overlap can be ended early', async () => {
    const made = await make();
    const path = `/${made.webhook.id}`;
    const rolled = (await call('POST', `${path}/roll-secret`)).json<Made>();
    expect(rolled.secret).not.toBe(made.secret);
    expect(rolled.webhook.previousSecretUntil).toBe('2026-11-24T08:00:00.000Z');
    const { signing } = await stored(made.webhook.id);
    expect([signing.current.reveal(), signing.previous?.secret.reveal()]).toEqual([rolled.secret, made.secret]);

    expect((await call('DELETE', `${path}/previous-secret`)).statusCode).toBe(204);
    expect((await stored(made.webhook.id)).signing.previous).toBeNull();
    expect((await call('DELETE', `${path}/previous-secret`)).statusCode).toBe(204);

    const short = (await call('POST', `${path}/roll-secret`, { overlapHours: 1 })).json<Made>();
    expect(short.webhook.previousSecretUntil).toBe('2026-11-23T09:00:00.000Z');
    composed.clock.advance(3_600);
    expect((await call('GET', path)).json<Webhook>().previousSecretUntil).toBeNull();
    const atOnce = (await call('POST', `${path}/roll-secret`, { overlapHours: 0 })).json<Made>();
    expect(atOnce.webhook.previousSecretUntil).toBeNull();
    expect(composed.log()).not.toContain(atOnce.secret.slice('whsec_'.length));
  });

  it('of two rolls at the same time one is refused, so that no secret that was shown is pushed out', async () => {
    const { webhook } = await make();
    const { webhookEndpoints } = composed.deps;
    const before = await stored(webhook.id);
    let isFirst = true;
    const other = await composeApp(
      {},
      {
        apiKeys: composed.deps.apiKeys,
        webhookEndpoints: {
          ...webhookEndpoints,
          async rollSecret(found, until) {
            if (isFirst) await webhookEndpoints.rollSecret(before, until);
            isFirst = false;
            return await webhookEndpoints.rollSecret(found, until);
          },
        },
      },
    );
    const path = `/v1/webhooks/${webhook.id}/roll-secret`;
    const reply = await other.app.inject({ method: 'POST', url: path, headers: acme });
    expect([reply.statusCode, reply.json<{ code: string }>().code]).toEqual([409, 'webhook_changed']);
  });

  it('one that was disabled is enabled with a clean record, and told what it has missed', async () => {
    const { webhook } = await make();
    const path = `/${webhook.id}`;
    const failing = { since: '2026-11-18T08:00:00.000Z', attempts: 40, warnedAt: '2026-11-19T08:00:00.000Z' };
    await endpoints().change(await stored(webhook.id), {
      failing,
      disabled: { at: '2026-11-23T07:00:00.000Z', reason: 'failing' },
    });
    expect((await call('GET', path)).json<Webhook>().status).toBe('disabled');
    for (const [verb, body] of [
      ['replay', { scope: 'all', since: '2026-11-20T00:00:00Z' }],
      [`deliveries/whd_${webhook.id}_evt_1/retry`, undefined],
    ] as const) {
      const reply = await call('POST', `${path}/${verb}`, body);
      expect([reply.statusCode, reply.json<{ code: string }>().code]).toEqual([409, 'webhook_disabled']);
    }

    const enabled = (await call('POST', `${path}/enable`)).json<Static<typeof Enabled>>();
    expect(enabled).toMatchObject({
      webhook: { status: 'enabled', disabled: null, failing: null },
      // Whatever has failed since then was sent on a schedule of 84 hours at most.
      missed: { since: '2026-11-14T20:00:00.000Z', failed: 3 },
    });
    expect(asked).toEqual(['acme', webhook.id, '2026-11-14T20:00:00.000Z']);
    expect((await call('POST', `${path}/enable`)).json()).toMatchObject({ missed: null });
  });

  it('one that is disabled on request says so, and repeating it changes nothing', async () => {
    const { webhook } = await make();
    const first = (await call('POST', `/${webhook.id}/disable`)).json<Webhook>();
    expect(first.disabled).toEqual({ at: '2026-11-23T08:00:00.000Z', reason: 'requested' });
    composed.clock.advance(60);
    expect((await call('POST', `/${webhook.id}/disable`)).json<Webhook>()).toEqual(first);
  });

  it('a tenant sends 30 samples a minute at most, because each is a request to an address that it chose', async () => {
    const { webhook } = await make();
    const test = async () => await call('POST', `/${webhook.id}/test`, { type: 'connection.degraded' });
    const first = await test();
    expect(first.json()).toMatchObject({ status: 'delivered', event: { type: 'connection.degraded', test: true } });
    for (let sent = 1; sent < 30; sent += 1) expect((await test()).statusCode).toBe(200);
    const refused = await test();
    expect([refused.statusCode, refused.json<{ code: string }>().code]).toEqual([429, 'too_many_requests']);
    composed.clock.advance(60);
    expect((await test()).statusCode).toBe(200);
  });

  it('a deleted endpoint is gone with its secret', async () => {
    const { webhook } = await make();
    expect((await call('DELETE', `/${webhook.id}`)).statusCode).toBe(204);
    expect((await call('DELETE', `/${webhook.id}`)).statusCode).toBe(404);
    expect(await endpoints().read('acme', webhook.id)).toBeUndefined();
  });

  it('every change is in the audit record, with its endpoint', async () => {
    const { webhook } = await make();
    await call('POST', `/${webhook.id}/roll-secret`);
    await call('DELETE', `/${webhook.id}`);
    await composed.deps.audit.recorder.flush();
    const admin = await composed.keyFor('acme', 'admin');
    const { items } = (await composed.app.inject({ url: '/v1/audit', headers: admin })).json<{
      items: readonly { action: string; target: string | null }[];
    }>();
    const recorded = items.map(({ action, target }) => [action, target]);
    for (const action of ['createWebhook', 'rollWebhookSecret', 'deleteWebhook']) {
      expect(recorded).toContainEqual([action, webhook.id]);
    }
  });

  it('reading and writing need their own scopes', async () => {
    for (const [scope, method, status] of [
      ['webhooks:read', 'GET', 200],
      ['webhooks:read', 'POST', 403],
      ['webhooks:write', 'POST', 201],
      ['webhooks:write', 'GET', 403],
      ['connections:write', 'GET', 403],
      ['admin', 'GET', 200],
    ] as const) {
      const headers = await composed.keyFor('acme', scope);
      const reply = await call(method, '', method === 'POST' ? { url } : undefined, headers);
      expect([scope, method, reply.statusCode]).toEqual([scope, method, status]);
    }
  });
});
