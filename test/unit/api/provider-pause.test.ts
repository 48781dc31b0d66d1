import { beforeEach, describe, expect, it } from 'vitest';
import { manifests } from '../../../providers/manifests/all.ts';
import { EphemeralStoreUnavailable } from '../../../stores/ephemeral/port.ts';
import { createProviderPauses } from '../../../stores/provider-pauses.ts';
import { createProviderStates } from '../../../stores/provider-states.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createTestWorker, unreachable } from '../../support/provider-gate.ts';
import { createFaultySecretStore } from '../activities/faulty-secret-store.ts';
import { openEmbeddedSecrets } from '../stores/embedded-secrets.ts';
import { composeApp, type ComposedApp } from './composed-app.ts';

interface Listed {
  readonly items: readonly { readonly id: string; readonly state: string }[];
}
const since = '2026-11-23T08:00:00.000Z';
const ok = { state: 'ok', since: null, problem: null };

describe('an operator', () => {
  let composed: ComposedApp;
  let headers: { authorization: string };
  beforeEach(async () => {
    composed = await composeApp();
    headers = await composed.operatorKey('operator:providers');
  });
  const post = async (path: string, payload?: object) =>
    await composed.app.inject({ method: 'POST', url: `/v1/providers/${path}`, headers, ...(payload && { payload }) });
  const listed = async (id: string) => {
    const reply = await composed.app.inject({ url: '/v1/providers', headers });
    return reply.json<Listed>().items.find((item) => item.id === id);
  };

  it('an operator pauses a provider with a reason, sees it in the list at once, and resumes it', async () => {
    expect(await listed('ovh')).toMatchObject(ok);
    const paused = await post('ovh/pause', { reason: 'maintenance' });
    expect(paused.statusCode).toBe(200);
    const state = {
      state: 'paused',
      since,
      problem: {
        code: 'provider_paused',
        message: 'An operator has paused all work with the provider "ovh": maintenance.',
        remedy: 'Nothing is lost. Work goes on after POST /v1/providers/ovh/resume.',
      },
    };
    expect(paused.json()).toEqual({ id: 'ovh', ...state });
    expect(await listed('ovh')).toMatchObject(state);
    expect(await listed('aws')).toMatchObject(ok);

    const resumed = await post('ovh/resume');
    expect(resumed.statusCode).toBe(200);
    expect(resumed.json()).toEqual({ id: 'ovh', ...ok });
    expect(await listed('ovh')).toMatchObject(ok);
  });

  it('pause and resume need no request body, and a repeated pause keeps its start time', async () => {
    expect((await post('ovh/pause')).json()).toMatchObject({ state: 'paused', since });
    composed.clock.advance(10);
    expect((await post('ovh/pause', { reason: null })).json()).toMatchObject({ state: 'paused', since });
    for (let n = 0; n < 2; n++) expect((await post('ovh/resume')).json()).toMatchObject(ok);
  });

  it('a worker sees that its provider is paused, and within 5 seconds that it is resumed', async () => {
    const { deps, clock } = composed;
    const worker = createTestWorker({ ephemeral: deps.ephemeral, secrets: deps.secrets, clock });
    await post('ovh/pause');
    expect(await worker.ask()).toBe('paused');
    await post('ovh/resume');
    clock.advance(5);
    expect(await worker.ask()).toBe('ok');
  });

  it('an operator sees why workers hold the calls to a cloud, in the list and in the response to a resume request', async () => {
    const { deps, clock } = composed;
    const worker = createTestWorker({ ephemeral: deps.ephemeral, secrets: deps.secrets, clock });
    await worker.unanswered(5);
    expect(await listed('ovh')).toMatchObject({ state: 'open', since, problem: unreachable });
    expect((await post('ovh/resume')).json()).toMatchObject({ state: 'open', problem: unreachable });
  });

  it('pausing or resuming an unknown provider is answered with 404 and the known providers', async () => {
    for (const path of ['nimbus/pause', 'nimbus/resume', 'OVH%20X/pause', '..%2Ftenants%2Facme/resume']) {
      const reply = await post(path);
      expect(reply.headers['content-type']).toContain('application/problem+json');
      expect(reply.json()).toMatchObject({
        status: 404,
        code: 'provider_not_found',
        detail: expect.stringContaining('ovh'),
      });
    }
  });

  it.each([{ reason: '' }, { reason: 'a\nb' }, { reason: 'x'.repeat(201) }, { reason: 7 }, { why: 'x' }])(
    'a pause with the body %j is refused, and the provider is not paused',
    async (body) => {
      expect((await post('ovh/pause', body)).json()).toMatchObject({ status: 400, code: 'invalid_request' });
      expect(await listed('ovh')).toMatchObject(ok);
    },
  );

  it.each(['pause', 'resume'])('an API key needs the scope operator:providers to %s a provider', async (verb) => {
    headers = await composed.keyFor('acme', 'admin');
    expect((await post(`ovh/${verb}`)).json()).toMatchObject({ status: 403, code: 'insufficient_scope' });
    headers = { authorization: 'Bearer nobody' };
    expect((await post(`ovh/${verb}`)).statusCode).toBe(401);
  });

  it('a pause is logged with the id of the API key', async () => {
    await post('ovh/pause', { reason: 'maintenance' });
    expect(composed.log()).toContain('The provider was paused.');
    expect(composed.log()).toContain(`"by":"${headers.authorization.split('_')[1]}"`);
  });
});

describe('the list of providers', () => {
  it('providers are listed as ok while their states cannot be read, but a pause is answered with 503', async () => {
    const clock = createManualClock();
    const secrets = createFaultySecretStore(openEmbeddedSecrets(clock));
    const providerPauses = createProviderPauses({ secrets, clock });
    const ephemeral = { get: async () => await Promise.reject(new EphemeralStoreUnavailable('The store is down.')) };
    const providerStates = createProviderStates({ ephemeral, pauses: providerPauses, clock });
    const composed = await composeApp({}, { providerPauses, providerStates });
    secrets.down = true;
    const headers = await composed.operatorKey('operator:providers');
    const reply = await composed.app.inject({ url: '/v1/providers', headers });
    expect(reply.statusCode).toBe(200);
    expect(reply.json<Listed>().items.map(({ state }) => state)).toEqual(manifests.map(() => 'ok'));
    const pause = await composed.app.inject({ method: 'POST', url: '/v1/providers/ovh/pause', headers });
    expect(pause.json()).toMatchObject({ status: 503, code: 'secret_store_unavailable' });
  });
});
