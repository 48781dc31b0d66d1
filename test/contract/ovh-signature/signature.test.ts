import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { describe, expect, inject, onTestFinished, test } from 'vitest';

import { createSigner } from '../../../providers/ovh/client/signature.ts';
import { Secret } from '../../../platform/secret.ts';
import { createSandboxClient } from '../../../sandbox/client.ts';
import { createSandbox } from '../../../sandbox/sandbox.ts';
import { callWithPython, type ClientCall } from './python-client.ts';

const { ovhPython } = inject('components');

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

/** Accepts every request, and records it unchanged. */
async function startRecorder() {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = '', url = '', headers } = request;
      const isTime = url === '/1.0/auth/time';
      if (!isTime) seen.push({ method, url: `http://${headers.host ?? ''}${url}`, body, headers });
      response.writeHead(200, { 'content-type': 'application/json' }).end(isTime ? '1790000000' : 'null');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { seen, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/1.0` };
}

describe.skipIf(ovhPython === null)("compared with OVHcloud's own client (PyPI ovh)", () => {
  const python = ovhPython?.path ?? '';

  test('our signature equals that of OVHcloud’s own client, for every kind of call', async () => {
    const keys = {
      applicationKey: 'application-key',
      applicationSecret: 'application-secret',
      consumerKey: 'consumer-key',
    };
    const calls: ClientCall[] = [
      { method: 'GET', path: '/me' },
      { method: 'GET', path: '/cloud/project/0a1b/region?name=Z%C3%BCrich%20%2B1' },
      { method: 'POST', path: '/me/api/oauth2/client', body: { name: 'Zoë "quoted" / 🔑', callbackUrls: [] } },
      { method: 'PUT', path: '/me', body: {} },
      { method: 'DELETE', path: '/me/api/oauth2/client/EU.0a1b' },
    ];
    const { seen, endpoint } = await startRecorder();
    await callWithPython(python, { endpoint, keys, calls });
    expect(seen.map(({ method }) => method)).toEqual(calls.map(({ method }) => method));
    for (const { method, url, body, headers } of seen) {
      const theirs = Number(headers['x-ovh-timestamp']);
      const sign = createSigner(
        {
          applicationKey: new Secret(keys.applicationKey),
          applicationSecret: new Secret(keys.applicationSecret),
          consumerKey: new Secret(keys.consumerKey),
        },
        // A clock far from OVHcloud's: what counts is the time that OVHcloud gave.
        () => 1_000,
        () => Promise.resolve(theirs),
      );
      const ours = await sign({ method, url, body, signal: new AbortController().signal });
      expect(ours).toEqual({
        'x-ovh-application': headers['x-ovh-application'],
        'x-ovh-consumer': headers['x-ovh-consumer'],
        'x-ovh-timestamp': headers['x-ovh-timestamp'],
        'x-ovh-signature': headers['x-ovh-signature'],
      });
    }
  });

  test('the sandbox accepts calls of OVHcloud’s own client, and refuses with errors that this client knows', async () => {
    const sandbox = createSandbox();
    onTestFinished(() => sandbox.close());
    const cloud = createSandboxClient(await sandbox.listen());
    const endpoint = `${sandbox.url}/ovh-eu/1.0`;
    await cloud.change({ ovh: { apiClockAheadSeconds: 7200 } });
    const keys = await cloud.ovh.createKeys();
    const client = { name: 'by-python', description: '', flow: 'CLIENT_CREDENTIALS', callbackUrls: [] };
    const allowed = await callWithPython(python, {
      endpoint,
      keys,
      calls: [
        { method: 'GET', path: '/me' },
        { method: 'POST', path: '/me/api/oauth2/client', body: client },
        { method: 'GET', path: '/me/api/oauth2/client' },
        { method: 'GET', path: '/cloud/project/no-such-project' },
        { method: 'POST', path: '/auth/logout' },
        { method: 'GET', path: '/me' },
      ],
    });
    const { serviceAccounts } = await cloud.ovh.iam();
    const clientId = serviceAccounts[0]?.clientId;
    expect(allowed).toEqual([
      { answer: expect.objectContaining({ nichandle: 'la12345-ovh' }) as unknown },
      { answer: { clientId, clientSecret: expect.any(String) as unknown } },
      { answer: [clientId] },
      expect.objectContaining({ error: 'ResourceNotFoundError' }),
      { answer: null },
      expect.objectContaining({ error: 'InvalidCredential' }),
    ]);

    const readOnly = await cloud.ovh.createKeys({ rules: [{ method: 'GET', path: '/me' }] });
    const refused = async (wrong: object, call: ClientCall = { method: 'GET', path: '/me' }) => {
      const [outcome] = await callWithPython(python, { endpoint, keys: { ...readOnly, ...wrong }, calls: [call] });
      return outcome && 'error' in outcome ? outcome.error : outcome;
    };
    expect(await refused({}, { method: 'GET', path: '/vps' })).toBe('NotGrantedCall');
    expect(await refused({ applicationKey: 'not-one-of-these' })).toBe('InvalidKey');
    expect(await refused({ consumerKey: 'not-one-of-these' })).toBe('NotCredential');
    expect(await refused({ applicationSecret: 'not-the-secret' })).toBe('BadParametersError');
  });
});
