import type { LookupFunction } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createPost } from '../../../../activities/webhooks/post.ts';
import { createEgress } from '../../../../platform/egress.ts';
import { AddressNotAllowed } from '../../../../platform/guarded-connector.ts';
import { createAddressRules } from '../../../../platform/public-address.ts';
import { startReceiver } from './receiver.ts';

const egress = createEgress({ httpsProxy: undefined, httpProxy: undefined, noProxy: undefined, caFile: undefined });
const signal = new AbortController().signal;
const poster = (allowed = '', lookup?: LookupFunction) =>
  createPost(egress, { rules: createAddressRules(allowed), ...(lookup && { lookup }) });
const send = async (url: string, allowed?: string, lookup?: LookupFunction) =>
  await poster(allowed, lookup)(url, { headers: { 'x-test': '1' }, body: '{}', signal });

/** Each of them is this machine. */
const spellings = [
  '127.0.0.1',
  '127.1',
  '0x7f.0.0.1',
  '0177.0.0.1',
  '2130706433',
  '0.0.0.0',
  'localhost',
  'LOCALHOST',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
];

/** Answers each look-up with the next of these addresses. Tests may connect to the name `localhost` alone. */
function names(...answers: string[]): LookupFunction {
  let asked = 0;
  return (_host, options, callback) => {
    const address = answers[Math.min(asked++, answers.length - 1)] ?? '';
    const family = address.includes(':') ? 6 : 4;
    if (options.all) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };
}

describe('a request to an address that a tenant named', () => {
  test.for(spellings)('reaches nothing at http://%s/', async (host) => {
    const receiver = await startReceiver();
    await expect(send(`http://${host}:${receiver.port}/`)).rejects.toThrow(AddressNotAllowed);
    expect(receiver.connections()).toBe(0);
  });

  test.for(['localhost', 'localhost.'])(
    'the name %s reaches nothing where it stands for an inner address',
    async (name) => {
      const receiver = await startReceiver();
      const inner = names('127.0.0.1');
      await expect(send(`http://${name}:${receiver.port}/`, '', inner)).rejects.toThrow(AddressNotAllowed);
      expect(receiver.connections()).toBe(0);
    },
  );

  test('a name that stands for a public address when it is checked, and for an inner one after, reaches nothing', async () => {
    const receiver = await startReceiver();
    const rebinding = names('93.184.215.14', '127.0.0.1');
    const url = `http://localhost:${receiver.port}/`;
    const error: unknown = await send(url, '', rebinding).catch((cause: unknown) => cause);
    expect(String(error)).toContain('must not be reached');
    expect(receiver.connections()).toBe(0);
  });

  test('the address of the connection is checked too, and nothing is sent to one that is not allowed', async () => {
    const receiver = await startReceiver();
    // Fits when the name is checked and looked up, and no more when the connection is there.
    let checks = 0;
    const post = createPost(egress, { rules: { allows: () => ++checks <= 2 }, lookup: names('127.0.0.1') });
    const sending = post(`http://localhost:${receiver.port}/`, { headers: {}, body: '{}', signal });
    expect(String(await sending.catch((error: unknown) => error))).toContain('must not be reached');
    expect(checks).toBe(3);
    expect(receiver.received).toEqual([]);
  });

  test('a host that the operator listed by name, or by address, is reached', async () => {
    const receiver = await startReceiver();
    expect((await send(receiver.url, '127.0.0.1')).status).toBe(200);
    expect((await send(`http://localhost:${receiver.port}/`, 'localhost', names('127.0.0.1'))).status).toBe(200);
    expect(receiver.received).toHaveLength(2);
  });

  test('a redirect to an inner address is an answer, and is not followed', async () => {
    const inner = await startReceiver();
    const receiver = await startReceiver((response) =>
      response.writeHead(302, { location: `http://127.0.0.2:${inner.port}/` }).end(),
    );
    expect((await send(receiver.url, '127.0.0.1')).status).toBe(302);
    expect(inner.connections()).toBe(0);
  });

  test('of a long answer the first 4 KB are read, and of one that breaks off what came', async () => {
    const long = await startReceiver((response) => response.end('x'.repeat(1_000_000)));
    expect((await send(long.url, '127.0.0.1')).body).toBe('x'.repeat(4_096));
    const broken = await startReceiver((response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    expect(await send(broken.url, '127.0.0.1')).toMatchObject({ status: 200, body: 'half' });
  });
});
