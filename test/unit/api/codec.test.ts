import { defaultPayloadConverter } from '@temporalio/common';
import { beforeEach, describe, expect, it } from 'vitest';
import { toProtoJson } from '../../../api/operations/codec.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { createPayloadCodec } from '../../../platform/temporal/payload-codec.ts';
import { composeApp, type ComposedApp } from './composed-app.ts';
import { refusals } from '../../../contracts/refused-payload.ts';
import { keyRing } from './support.ts';

const sealedBy = async (ring: KeyRing) => {
  const payload = defaultPayloadConverter.toPayload({ hello: 'the contents' });
  const context = { type: 'workflow', namespace: 'default', workflowId: 'con_x' } as const;
  return (await createPayloadCodec(ring).encode([payload], context)).map(toProtoJson);
};

describe('the codec server', () => {
  let composed: ComposedApp;
  beforeEach(async () => {
    composed = await composeApp();
  });
  const post = (url: string, payloads: object[], headers: Record<string, string> = {}) =>
    composed.app.inject({ method: 'POST', url, payload: { payloads }, headers });

  it('the codec server decodes for an operator’s key, and leaves a payload that is not sealed as it is', async () => {
    const plain = { metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: 'MQ==' };
    const reply = await post(
      '/codec/decode',
      [...(await sealedBy(keyRing)), plain],
      await composed.operatorKey('operator:decode'),
    );
    expect(reply.statusCode).toBe(200);
    const [opened, untouched] = reply.json<{ payloads: { data: string }[] }>().payloads;
    expect(Buffer.from(opened?.data ?? '', 'base64').toString()).toBe('{"hello":"the contents"}');
    expect(untouched).toEqual(plain);
  });

  it('the codec server decodes what it encoded, answers an empty body, and encodes only with a key', async () => {
    const headers = { ...(await composed.operatorKey('operator:decode')), 'x-namespace': '' };
    const plain = { metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: 'MQ==' };
    const { payloads } = (await post('/codec/encode', [plain], headers)).json<{ payloads: object[] }>();
    expect(payloads).not.toEqual([plain]);
    expect((await post('/codec/decode', payloads, headers)).json()).toEqual({ payloads: [plain] });
    const empty = await composed.app.inject({ method: 'POST', url: '/codec/path-token/encode', payload: {} });
    expect(empty.json()).toEqual({ payloads: [] });
    expect((await post('/codec/encode', [plain])).statusCode).toBe(401);
  });

  it('the codec server decodes nothing for a tenant, whose key may be admin, nor for another operator', async () => {
    expect((await post('/codec/decode', await sealedBy(keyRing))).statusCode).toBe(401);
    const others = [
      await composed.keyFor('acme', 'admin'),
      await composed.operatorKey('operator:metrics', 'operator:providers', 'operator:keys'),
    ];
    for (const headers of others) {
      expect((await post('/codec/decode', await sealedBy(keyRing), headers)).statusCode).toBe(403);
    }
  });

  it('the codec server takes a thousand payloads, and refuses more values before it looks into them', async () => {
    const plain = { metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: 'MQ==' };
    const many = await post(
      '/codec/path-token/decode',
      Array.from({ length: 1_000 }, () => plain),
    );
    expect(many.statusCode).toBe(200);
    const metadata = Object.fromEntries(Array.from({ length: 20_000 }, (_none, n) => [`m${n}`, 1]));
    for (const payloads of [[{ metadata }], Array.from({ length: 20_000 }, () => ({}))]) {
      expect((await post('/codec/path-token/decode', payloads)).json()).toMatchObject({
        status: 413,
        code: 'body_too_large',
      });
    }
  });

  it('the codec server answers 413 to a body of more than 4 MiB', async () => {
    const payloads = [{ data: 'A'.repeat(4 * 1024 * 1024) }];
    expect((await post('/codec/path-token/decode', payloads)).statusCode).toBe(413);
  });

  it('the codec server decodes under the secret path of a development stack, and under no other path', async () => {
    expect((await post('/codec/path-token/decode', await sealedBy(keyRing))).statusCode).toBe(200);
    expect((await post('/codec/path-tokem/decode', await sealedBy(keyRing))).statusCode).toBe(404);
  });

  it('the codec server has no secret path in production', async () => {
    const { app } = await composeApp({ codecPathToken: undefined });
    const reply = await app.inject({ method: 'POST', url: '/codec/path-token/decode', payload: { payloads: [] } });
    expect(reply.statusCode).toBe(404);
  });

  it('the codec server decodes for its own namespace only', async () => {
    const reply = await post('/codec/path-token/decode', await sealedBy(keyRing), { 'x-namespace': 'other' });
    expect(reply.json()).toMatchObject({ status: 403, code: 'foreign_namespace' });
  });

  it('the codec server says what to do when the key is not in the key ring', async () => {
    const foreign = KeyRing.parse(KeyRing.generate('retired'));
    const reply = await post('/codec/path-token/decode', await sealedBy(foreign));
    expect(reply.json()).toMatchObject({
      status: 400,
      code: 'undecodable_payload',
      remedy: expect.stringContaining('MOORING_KEYS'),
    });
  });

  it('the codec server replaces a refused payload by the reason, and decodes the others', async () => {
    const [good] = await sealedBy(keyRing);
    const changed = { ...good, data: Buffer.from('something else').toString('base64') };
    const reply = await post('/codec/path-token/decode', [changed, good as object]);
    const { payloads } = reply.json<{ payloads: { data: string }[] }>();
    expect(payloads.map(({ data }) => Buffer.from(data, 'base64').toString())).toEqual([
      JSON.stringify({ mooringRefused: refusals.changed }),
      expect.stringContaining('the contents'),
    ]);
  });

  it('the codec server logs the API key and the number of payloads of each use, and no contents', async () => {
    const headers = await composed.operatorKey('operator:decode');
    await post('/codec/decode', await sealedBy(keyRing), headers);
    const line =
      composed
        .log()
        .split('\n')
        .find((text) => text.includes('payloads decoded')) ?? '';
    expect(JSON.parse(line)).toMatchObject({
      who: headers.authorization.split('_')[1],
      namespace: 'default',
      payloads: 1,
    });
    expect(composed.log()).not.toContain('the contents');
  });

  it('the codec server allows cross-origin requests of the configured Temporal UI only', async () => {
    const preflight = async (origin: string) =>
      await composed.app.inject({
        method: 'OPTIONS',
        url: '/codec/path-token/decode',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type,x-namespace',
        },
      });
    const allowed = await preflight('http://ui.example:8233');
    expect(allowed.statusCode).toBe(204);
    expect(allowed.headers['access-control-allow-origin']).toBe('http://ui.example:8233');
    expect((await preflight('https://evil.example')).headers['access-control-allow-origin']).not.toBe(
      'https://evil.example',
    );
    const elsewhere = await composed.app.inject({ url: '/healthz', headers: { origin: 'http://ui.example:8233' } });
    expect(elsewhere.headers['access-control-allow-origin']).toBeUndefined();
  });
});
