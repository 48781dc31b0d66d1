import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../platform/config.ts';
import { createEgress, type Egress } from '../../platform/egress.ts';
import type { JsonObject } from '../../platform/json.ts';
import { KeyRing } from '../../platform/key-ring.ts';
import { Secret } from '../../platform/secret.ts';
import { systemClock } from '../../platform/clock.ts';
import { createProviders } from '../../providers/registry.ts';
import type { AuthMethod, CallContext } from '../../providers/provider.ts';
import { createSandbox, sandboxEnvironment } from '../../sandbox/sandbox.ts';
import { createVaultTransport } from '../../stores/secrets/vault-client.ts';
import { closedPort } from '../support/closed-port.ts';
import { authorityFile, createTlsProxy } from './ovhcloud/tls-proxy.ts';
import { issuing } from './provider.aws.scripted-sts.ts';
import { thrown } from './thrown.ts';

/** The hosts whose certificate the proxy has: only through it do they answer. */
const [tokenHost, apiHost] = ['www.ovh.com', 'eu.api.ovh.com'];
const tokens = JSON.stringify({ access_token: 'a2', refresh_token: 'r2', token_type: 'Bearer', expires_in: 3_600 });

interface Proxy {
  readonly url: string;
  /** Lines of the requests that came out of the tunnel: host, method and path. */
  readonly requests: readonly string[];
  /** What each CONNECT asked for, with its authorization. */
  readonly tunnels: readonly { readonly to: string; readonly authorization: string | undefined }[];
}

/** A proxy that takes CONNECT alone; behind it, one server answers for every host. `refuses`: with this status. */
async function startProxy(refuses?: number): Promise<Proxy> {
  const requests: string[] = [];
  const tunnels: { to: string; authorization: string | undefined }[] = [];
  const answer = async (request: IncomingMessage): Promise<{ type: string; body: string }> => {
    const form = await text(request);
    requests.push(`${request.headers.host} ${request.method} ${request.url}`);
    if (form.includes('AssumeRole')) return { type: 'text/xml', body: issuing.body };
    return { type: 'application/json', body: request.url === '/v1/sys/health' ? '{"sealed":false}' : tokens };
  };
  const proxy = createTlsProxy((request, response) => {
    void answer(request).then(({ type, body }) => response.writeHead(200, { 'content-type': type }).end(body));
  });
  const onConnect = (request: IncomingMessage): void => {
    tunnels.push({ to: request.url ?? '', authorization: request.headers['proxy-authorization'] });
  };
  const server = refuses === undefined ? proxy : createServer();
  server.prependListener('connect', onConnect);
  if (refuses !== undefined) {
    server.on('connect', (_request, socket) => socket.end(`HTTP/1.1 ${refuses} Refused\r\ncontent-length: 0\r\n\r\n`));
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, tunnels };
}

const egressOf = (environment: Readonly<Record<string, string>>): Egress =>
  createEgress(loadConfig('worker', { MOORING_MODE: 'dev', MOORING_KEYS: KeyRing.generate(), ...environment }).egress);

const trusting = { MOORING_CA_FILE: authorityFile('authority') };

function methodOf(provider: string, method: string, egress: Egress, more: Readonly<Record<string, string>> = {}) {
  const environment = { OVH_EU_CLIENT_ID: 'id', OVH_EU_CLIENT_SECRET: 'secret', ...more };
  const providers = createProviders({ environment, fetch: egress.fetch, clock: systemClock });
  return providers.get(provider)?.methods[method] as AuthMethod;
}

const context = (region: string, record: JsonObject): CallContext => ({
  region,
  connectionId: 'con_egress',
  record: new Secret(record),
  signal: new AbortController().signal,
});
const signedIn = context('ovh-eu', { access_token: 'a1', refresh_token: 'r1' });

describe('requests that leave through a proxy', () => {
  it('a renewal goes through the proxy of HTTPS_PROXY, with its password, and trusts MOORING_CA_FILE', async () => {
    const proxy = await startProxy();
    const url = proxy.url.replace('http://', 'http://user:p%40ss@');
    const method = methodOf('ovh', 'authorization_code', egressOf({ HTTPS_PROXY: url, ...trusting }));
    const { fields } = await method.refresh(signedIn);
    expect(fields.reveal()).toMatchObject({ access_token: 'a2', refresh_token: 'r2' });
    expect(proxy.requests).toEqual([`${tokenHost} POST /auth/oauth2/token`]);
    const authorization = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
    expect(proxy.tunnels).toEqual([{ to: `${tokenHost}:443`, authorization }]);
  });

  it.each([403, 407, 502])('a proxy that refuses the tunnel with %i means that nothing was sent', async (status) => {
    const proxy = await startProxy(status);
    const method = methodOf('ovh', 'authorization_code', egressOf({ HTTPS_PROXY: proxy.url, ...trusting }));
    const error = await thrown(method.refresh(signedIn));
    expect(error).toMatchObject({ class: 'transient', delivery: 'not_sent', problem: { code: 'cloud_unreachable' } });
    expect(error.message).toContain(`the proxy of HTTPS_PROXY refused the connection with ${status}`);
  });

  it('a proxy that does not answer means that nothing was sent', async () => {
    const method = methodOf('ovh', 'authorization_code', egressOf({ HTTPS_PROXY: await closedPort(), ...trusting }));
    expect(await thrown(method.refresh(signedIn))).toMatchObject({ class: 'transient', delivery: 'not_sent' });
  });

  it('a cloud whose authority is not trusted gets nothing', async () => {
    const proxy = await startProxy();
    const method = methodOf('ovh', 'authorization_code', egressOf({ HTTPS_PROXY: proxy.url }));
    expect(await thrown(method.refresh(signedIn))).toMatchObject({ class: 'transient', delivery: 'not_sent' });
    expect(proxy.requests).toEqual([]);
  });

  it('the AWS SDK goes through the proxy too', async () => {
    const proxy = await startProxy();
    const method = methodOf('aws', 'role', egressOf({ HTTPS_PROXY: proxy.url, ...trusting }), {
      AWS_ACCESS_KEY_ID: 'AKIA1',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ENDPOINT_URL_STS: `https://${apiHost}`,
    });
    const role = { role_arn: 'arn:aws:iam::222233334441:role/reader', external_id: 'ext' };
    const { fields } = await method.refresh(
      context('aws', { ...role, trust_proven_at: Math.floor(Date.now() / 1_000) }),
    );
    expect(fields.reveal()).toMatchObject({ session_token: 'the-token' });
    expect(proxy.tunnels[0]).toMatchObject({ to: `${apiHost}:443` });
  });

  it('Vault is reached through the proxy, unless NO_PROXY names it', async () => {
    const proxy = await startProxy();
    const environment = { HTTPS_PROXY: proxy.url, ...trusting };
    const send = createVaultTransport(egressOf(environment));
    const request = { method: 'GET', headers: {} };
    expect((await send(`https://${apiHost}/v1/sys/health`, request)).text).toBe('{"sealed":false}');
    // An address of this machine that is not named as such; nothing listens there.
    const other = 'https://127.0.0.2:9';
    const failsAt = async (sending: typeof send) =>
      await sending(`${other}/v1/sys/health`, request).then(
        () => false,
        () => true,
      );
    expect(await failsAt(send)).toBe(true);
    expect(proxy.tunnels.map(({ to }) => to)).toEqual([`${apiHost}:443`, '127.0.0.2:9']);
    const direct = createVaultTransport(egressOf({ ...environment, NO_PROXY: 'other.example, 127.0.0.2' }));
    expect(await failsAt(direct)).toBe(true);
    expect(proxy.tunnels).toHaveLength(2);
  });

  it('requests to this machine go past the proxy', async () => {
    const sandbox = createSandbox();
    onTestFinished(async () => await sandbox.close());
    const environment = sandboxEnvironment(await sandbox.listen());
    const away = await closedPort();
    const egress = egressOf({ HTTPS_PROXY: away, HTTP_PROXY: away });
    const error = await thrown(methodOf('ovh', 'authorization_code', egress, environment).refresh(signedIn));
    expect(error).toMatchObject({ class: 'revoked', delivery: 'answered', problem: { code: 'invalid_grant' } });
  });

  it.each([
    [{ HTTPS_PROXY: 'proxy:3128' }, 'HTTPS_PROXY is not valid: it must be an http or https URL.'],
    [{ MOORING_CA_FILE: '/nowhere.pem' }, 'MOORING_CA_FILE "/nowhere.pem" cannot be read (ENOENT)'],
    [{ MOORING_CA_FILE: import.meta.filename }, 'has no certificate'],
  ])('a mistake in %o is reported before anything starts', (environment, sentence) => {
    expect(() => egressOf(environment as Record<string, string>)).toThrow(sentence);
  });
});
