import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../platform/logger.ts';
import { createAudit } from '../../../stores/audit/audit.ts';
import { EphemeralStoreUnavailable } from '../../../stores/ephemeral/port.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { auditedApp, id } from './audit-world.ts';
import { composeApp } from './composed-app.ts';
import { keyRing } from './support.ts';

/** The id in `mrg_{id}_{secret}`. */
const keyIdOf = ({ authorization }: { authorization: string }) => authorization.split('_')[1];

describe('the audit record of a request', () => {
  it('a verb is recorded with its key, address, connection, outcome and request id', async () => {
    const { app, keyFor, lines } = await auditedApp();
    const headers = { ...(await keyFor('acme', 'connections:write')), 'x-request-id': 'caller-1234' };
    const url = `/v1/connections/${id}/pause`;
    const reply = await app.inject({ method: 'POST', url, headers, remoteAddress: '192.0.2.7' });
    expect(reply.statusCode).toBe(200);
    expect(await lines()).toMatchObject([
      {
        seq: 1,
        at: '2026-11-23T08:00:00.000Z',
        requestId: reply.headers['x-request-id'],
        callerRequestId: 'caller-1234',
        actor: { kind: 'key', id: keyIdOf(headers) },
        tenant: 'acme',
        address: '192.0.2.7',
        action: 'pauseConnection',
        connection: id,
        target: null,
        outcome: 'done',
        status: 200,
        code: null,
        count: 1,
      },
    ]);
  });

  it('a read of a credential is recorded, and its repeats within a minute are one line more', async () => {
    const { app, keyFor, lines, storeCredential, clock } = await auditedApp();
    await storeCredential();
    const headers = await keyFor('acme', 'credentials:read');
    for (let count = 0; count < 5; count += 1) {
      const reply = await app.inject({ url: `/v1/connections/${id}/credentials`, headers });
      expect(reply.statusCode).toBe(200);
    }
    expect(await lines()).toMatchObject([{ action: 'getCredentials', connection: id, outcome: 'done', count: 1 }]);
    clock.advance(61);
    expect((await lines()).map(({ count }) => count)).toEqual([1, 4]);
  });

  it('an ordinary read is not recorded', async () => {
    const { app, keyFor, lines } = await auditedApp();
    const headers = await keyFor('acme', 'connections:read');
    expect((await app.inject({ url: `/v1/connections/${id}`, headers })).statusCode).toBe(200);
    expect(await lines()).toEqual([]);
  });

  it('a request without a valid key is recorded for the installation, without what it wrote into the path', async () => {
    const { app, lines } = await auditedApp();
    await app.inject({ url: `/v1/connections/${id}`, remoteAddress: '192.0.2.8' });
    expect(await lines(null)).toMatchObject([
      {
        action: 'getConnection',
        actor: null,
        tenant: null,
        connection: null,
        address: '192.0.2.8',
        outcome: 'refused',
        status: 401,
        code: 'unauthenticated',
      },
    ]);
  });

  it('any number of requests without a valid key from one address are two lines a minute', async () => {
    const { app, lines, clock } = await auditedApp();
    for (let count = 0; count < 20; count += 1) await app.inject(`/v1/connections/con_${'b'.repeat(count)}`);
    clock.advance(61);
    expect((await lines(null)).map(({ count }) => count)).toEqual([1, 19]);
  });

  it('a key that lacks the scope is recorded by name, on reads as well', async () => {
    const { app, keyFor, lines } = await auditedApp();
    const headers = await keyFor('acme', 'credentials:read');
    await app.inject({ url: `/v1/connections/${id}`, headers });
    expect(await lines()).toMatchObject([
      { actor: { kind: 'key', id: keyIdOf(headers) }, connection: id, status: 403, code: 'insufficient_scope' },
    ]);
  });

  it('a key that asks too often is recorded', async () => {
    const { app, keyFor, lines } = await auditedApp({}, 1);
    const headers = await keyFor('acme', 'connections:read');
    for (let count = 0; count < 2; count += 1) await app.inject({ url: '/v1/providers', headers });
    expect(await lines()).toMatchObject([{ action: 'listProviders', status: 429, code: 'too_many_requests' }]);
  });

  it('a verb that fails is recorded as failed, and one that the connection refuses as refused', async () => {
    const { app, keyFor, lines } = await auditedApp({ update: () => Promise.reject(new Error('broken')) });
    const headers = await keyFor('acme', 'connections:write');
    await app.inject({ method: 'POST', url: `/v1/connections/${id}/pause`, headers });
    await app.inject({ method: 'POST', url: '/v1/connections/con_short/pause', headers });
    expect(await lines()).toMatchObject([
      { outcome: 'failed', status: 500, code: 'internal_error', connection: id },
      { outcome: 'refused', status: 400, code: 'invalid_request', connection: null },
    ]);
  });

  it('a verb is recorded also where its caller has hung up before the answer', async () => {
    let serve: () => void = () => undefined;
    const served = new Promise<void>((resolve) => (serve = resolve));
    let begin: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const update = async () => {
      begin();
      await served;
      return { outcome: 'served', reply: {} };
    };
    const { app, keyFor, lines } = await auditedApp({ update: update as never });
    const headers = await keyFor('acme', 'connections:write');
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const hungUp = new Promise<void>((resolve) => {
      app.server.once('request', (incoming) => incoming.once('close', () => resolve()));
    });
    const path = `/v1/connections/${id}/pause`;
    const sent = httpRequest({ port, host: '127.0.0.1', method: 'POST', path, headers });
    sent.on('error', () => undefined);
    sent.end();
    await begun;
    sent.destroy();
    await hungUp;
    serve();
    await expect.poll(async () => await lines()).toMatchObject([{ action: 'pauseConnection', connection: id }]);
  });

  it('a page of an invitation is recorded with its customer, named by connection and link', async () => {
    const { app, lines, link } = await auditedApp();
    await app.inject(await link(3));
    await app.inject({ method: 'POST', url: await link(2), headers: { origin: 'https://mooring.example' } });
    expect(await lines()).toMatchObject([
      { action: 'showInvitation', actor: { kind: 'customer', id: `${id}/3` }, connection: id, tenant: 'acme' },
      { action: 'continueInvitation', actor: { kind: 'customer', id: `${id}/2` }, outcome: 'refused', status: 410 },
    ]);
  });

  it('a decode is recorded with its key or, under npm start, with the path token, which is not in it', async () => {
    const { app, operatorKey, lines } = await auditedApp();
    const headers = await operatorKey('operator:decode');
    const payload = { payloads: [] };
    await app.inject({ method: 'POST', url: '/codec/decode', headers, payload });
    await app.inject({ method: 'POST', url: '/codec/path-token/decode', payload });
    expect(await lines(null)).toMatchObject([
      { action: 'decodePayloads', actor: { kind: 'operator', id: keyIdOf(headers) }, outcome: 'done' },
      { action: 'decodePayloadsByPath', actor: { kind: 'operator', id: 'path-token' }, outcome: 'done' },
    ]);
  });

  it('a pause of a provider is recorded with the provider', async () => {
    const { app, operatorKey, lines } = await auditedApp();
    const headers = await operatorKey('operator:providers');
    await app.inject({ method: 'POST', url: '/v1/providers/ovh/pause', headers, payload: { reason: 'canary' } });
    expect(await lines(null)).toMatchObject([
      { action: 'pauseProvider', target: 'ovh', connection: null, outcome: 'done' },
    ]);
  });

  it('nothing secret of a request gets into the record: no token, code, query, body or header', async () => {
    const { app, keyFor, lines, link, storeCredential, log } = await auditedApp();
    await storeCredential();
    const key = await keyFor('acme', 'admin');
    const canary = 'canary-0123456789';
    const [url, open] = [`/v1/connections/${id}`, await link()];
    const requests = [
      { method: 'GET', url: `/connect/${canary}` },
      { method: 'POST', url: open, payload: { passcode: canary }, headers: { cookie: canary } },
      { method: 'GET', url: `/ovh/oauth2/callback?code=${canary}&state=${canary}` },
      { method: 'GET', url: `/sign-in/${canary}` },
      { method: 'POST', url: `/result/${canary}/try-now` },
      { method: 'POST', url: `/codec/${canary}/decode`, payload: {} },
      { method: 'GET', url: '/v1/connections', headers: { authorization: `Bearer ${canary}` } },
      { method: 'GET', url: `${url}/credentials?format=${canary}`, headers: key },
      { method: 'GET', url: `${url}/credentials`, headers: key },
      { method: 'PATCH', url, headers: { ...key, 'idempotency-key': canary }, payload: { name: canary } },
      { method: 'POST', url: `${url}/submission`, headers: key, payload: { fields: { secret: canary } } },
      { method: 'POST', url: `/v1/providers/${canary}/pause`, headers: key },
    ] as const;
    for (const each of requests) await app.inject({ ...each });
    const all = JSON.stringify([...(await lines()), ...(await lines(null))]);
    expect(all.match(/"action"/g)?.length).toBeGreaterThanOrEqual(requests.length);
    const secrets = [
      canary,
      'canary-token',
      open.slice('/connect/'.length),
      key.authorization.replace(/^.*mrg_[0-9a-f]+_/, ''),
    ];
    const audit = log()
      .split('\n')
      .filter((line) => line.includes('"audit":true'))
      .join('\n');
    for (const secret of secrets) {
      // A provider that does not exist has a name that was chosen by a known key: it is no secret.
      expect(all.replace(`"target":"${canary}"`, '')).not.toContain(secret);
      expect(audit.replaceAll(`"target":"${canary}"`, '')).not.toContain(secret);
    }
  });
});

describe('while the audit store is away', () => {
  const away = () => Promise.reject(new EphemeralStoreUnavailable('The store is away.'));

  it('requests are served while the audit store is away, their entries wait, and the record cannot be read', async () => {
    const store = { last: away, append: away, read: away, close: async () => undefined };
    const logger = createLogger('audit', 'silent');
    const retention = { lines: 1_000, days: 400 };
    const audit = createAudit({ store, keyRing, clock: createManualClock(), logger, retention });
    const { app, operatorKey } = await composeApp({}, { audit });
    const headers = await operatorKey('operator:providers', 'operator:audit', 'operator:metrics');
    const pause = { method: 'POST', url: '/v1/providers/ovh/pause', headers, payload: {} } as const;
    expect((await app.inject(pause)).statusCode).toBe(200);
    await audit.recorder.flush();
    for (const path of ['', '/export', '/verify']) {
      const reply = await app.inject({ url: `/v1/audit${path}`, headers });
      expect(reply.json()).toMatchObject({ status: 503, code: 'ephemeral_store_unavailable' });
    }
    const { body } = await app.inject({ url: '/metrics', headers });
    // The pause, and the export that failed.
    expect(body).toMatch(/^mooring_audit_waiting 2$/m);
    expect(body).toMatch(/^mooring_audit_lost_total 0$/m);
  });
});

describe('every route', () => {
  /** Reads that leave no line. A new one belongs here, or declares `config.audit`. */
  const unrecorded = [
    'browseApi',
    'getAccent',
    'getApiKey',
    'getAsset',
    'getBatch',
    'getConnection',
    'getDocsFile',
    'getGuide',
    'getHealth',
    'getInventory',
    'getPermissions',
    'getMetrics',
    'getOpenApi',
    'getOwnTenant',
    'getProgress',
    'getReadiness',
    'getTenant',
    'getTimeline',
    'listApiKeys',
    'listAttempts',
    'listAudit',
    'listBatchItems',
    'listConnections',
    'listProviders',
    'listResourceChanges',
    'listResources',
    'listTenants',
    'listResourcesOfConnection',
    'showResult',
    'streamEvents',
    'summarizeResources',
    'getBulk',
    'getSummary',
    'getSystem',
    'getWebhook',
    'getWebhookDelivery',
    'getWebhookReplay',
    'listBulkResults',
    'listConnectionEvents',
    'listWebhookDeliveries',
    'listWebhooks',
    'verifyAudit',
  ];

  it('every route that changes something is recorded, and of those that read, all but the ones that are named here', async () => {
    const { app } = await composeApp();
    const routes = app.knownRoutes.filter(({ method }) => method !== 'OPTIONS');
    expect(routes.filter(({ operationId }) => operationId === undefined)).toEqual([]);
    const isRead = (method: string) => method === 'GET' || method === 'HEAD';
    // What changes something is never counted together.
    expect(routes.filter(({ method, audit }) => !isRead(method) && audit === 'counted')).toEqual([]);
    const silent = routes.filter(({ method, audit }) => isRead(method) && audit === undefined);
    expect(new Set(silent.map(({ operationId }) => operationId))).toEqual(new Set(unrecorded));
  });
});
