import { expect, test } from 'vitest';
import { createMooringClient, MooringError } from '../../../cli/client/index.ts';
import { mayRepeat, retryAfterSeconds } from '../../../cli/client/retry.ts';
import { json, lost, problem, serve } from './server.ts';

const retry = { firstWaitMs: 1 };
const page = json(200, { items: [], nextCursor: null });
const created = json(201, { connection: { id: 'con_1' } });
const body = { provider: 'sky', region: 'up' };

const failure = async (promise: Promise<unknown>): Promise<MooringError> =>
  await promise.then(
    () => expect.fail('it succeeded'),
    (error: unknown) => error as MooringError,
  );

test('a call sends the key, and answers the parsed body', async () => {
  const { url, received } = await serve(json(200, { items: [1], nextCursor: null }));
  const client = createMooringClient({ url, apiKey: 'mrg_key' });

  expect(
    await client.get('/v1/connections', { params: { query: { status: ['active', 'paused'], limit: 5 } } }),
  ).toEqual({
    items: [1],
    nextCursor: null,
  });
  expect(received[0]?.url).toBe('/v1/connections?status=active&status=paused&limit=5');
  expect(received[0]?.headers.authorization).toBe('Bearer mrg_key');
});

test('an error has the code, the remedy, the status and the request id of the problem document', async () => {
  const { url } = await serve(problem(404, 'connection_not_found'));

  const error = await failure(createMooringClient({ url }).get('/v1/connections'));

  expect(error).toBeInstanceOf(MooringError);
  expect(error).toMatchObject({
    code: 'connection_not_found',
    message: 'It is so.',
    remedy: 'Do that.',
    status: 404,
    requestId: 'req-1',
  });
});

test('an answer that is not of Mooring is named as such, without its text', async () => {
  const { url } = await serve((response) => response.writeHead(404).end('<html>secret</html>'));

  const error = await failure(createMooringClient({ url }).get('/v1/connections'));

  expect(error).toMatchObject({ code: 'unexpected_answer', status: 404 });
  expect(error.message).not.toContain('secret');
});

test.each([
  ['503 with Retry-After', problem(503, 'secret_store_unavailable', { 'retry-after': '0' })],
  ['429 with Retry-After', problem(429, 'too_many_requests', { 'retry-after': '0' })],
  ['502 of a proxy', problem(502, 'bad_gateway')],
  ['a lost answer', lost],
])('a read is repeated after %s', async (_, first) => {
  const { url, received } = await serve(first, page);

  await createMooringClient({ url, retry }).get('/v1/connections');

  expect(received).toHaveLength(2);
});

test('a creation is repeated with the same body and the same Idempotency-Key, which the client makes', async () => {
  const { url, received } = await serve(lost, problem(503, 'unavailable', { 'retry-after': '0' }), created);

  await createMooringClient({ url, retry }).post('/v1/connections', { body });

  const keys = received.map(({ headers }) => headers['idempotency-key']);
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(new Set(keys).size).toBe(1);
  expect(received.map((each) => JSON.parse(each.body) as unknown)).toEqual([body, body, body]);
});

test('two creations have different keys, and a key of the caller is kept', async () => {
  const { url, received } = await serve(created);
  const client = createMooringClient({ url, retry });

  await client.post('/v1/connections', { body });
  await client.post('/v1/connections', { body });
  await client.post('/v1/connections', { body, params: { header: { 'idempotency-key': 'mine' } } });

  const [first, second, third] = received.map(({ headers }) => headers['idempotency-key']);
  expect(first).not.toBe(second);
  expect(third).toBe('mine');
});

test.each([
  ['a lost answer', lost],
  ['503', problem(503, 'unavailable', { 'retry-after': '0' })],
])(
  'what may have been done is not done twice: the API takes no key for it, and %s is not repeated',
  async (_, first) => {
    const { url, received } = await serve(first, created);

    await failure(
      createMooringClient({ url, retry }).post('/v1/api-keys', { body: { name: 'ci', scopes: ['connections:read'] } }),
    );

    expect(received).toHaveLength(1);
    expect(received[0]?.headers['idempotency-key']).toBeUndefined();
  },
);

test('an Idempotency-Key of the caller makes nothing repeatable that the API does not serve once', async () => {
  const { url, received } = await serve(lost, created);

  await failure(
    createMooringClient({ url, retry }).request('POST', '/v1/api-keys', { body, headers: { 'idempotency-key': 'k' } }),
  );

  expect(received).toHaveLength(1);
});

test('a request is sent four times at most', async () => {
  const { url, received } = await serve(lost);

  const error = await failure(createMooringClient({ url, retry }).get('/v1/connections'));

  expect(received).toHaveLength(4);
  expect(error).toMatchObject({ code: 'unreachable', status: null });
  expect(error.message).toContain(url);
});

test('a wait that is longer than the longest is not waited for', async () => {
  const { url, received } = await serve(problem(429, 'too_many_requests', { 'retry-after': '3600' }), page);

  const error = await failure(createMooringClient({ url, retry }).get('/v1/connections'));

  expect(error.code).toBe('too_many_requests');
  expect(received).toHaveLength(1);
});

test('the signal ends a call that waits to be repeated, with the reason of the signal', async () => {
  const controller = new AbortController();
  const { url } = await serve((response) => {
    problem(429, 'too_many_requests', { 'retry-after': '50' })(response, {} as never);
    controller.abort(new Error('enough'));
  });

  const error = await failure(
    createMooringClient({ url, retry }).get('/v1/connections', { signal: controller.signal }),
  );

  expect(error.message).toBe('enough');
});

test('no redirect is followed, so the key goes nowhere else', async () => {
  const elsewhere = await serve(page);
  const { url } = await serve((response) => response.writeHead(307, { location: `${elsewhere.url}/` }).end());

  const error = await failure(createMooringClient({ url, apiKey: 'mrg_key', retry }).get('/v1/connections'));

  expect(error).toMatchObject({ code: 'unexpected_answer', status: 307 });
  expect(elsewhere.received).toEqual([]);
});

test('a path that leads to another address is refused, and nothing is sent', async () => {
  const { url, received } = await serve(page);
  const client = createMooringClient({ url, apiKey: 'mrg_key' });

  await expect(client.request('GET', '@elsewhere.example/v1')).rejects.toThrow(/leads to another address/);
  await expect(client.request('GET', '.elsewhere.example/v1')).rejects.toThrow(/Invalid URL/);
  expect(received).toEqual([]);
});

test('an installation below a path is reached, with keys where its operations take them', async () => {
  const { url, received } = await serve(created);

  await createMooringClient({ url: `${url}/mooring/` }).post('/v1/connections', { body });

  expect(received[0]?.url).toBe('/mooring/v1/connections');
  expect(received[0]?.headers['idempotency-key']).toBeDefined();
});

test.each(['ftp://x', 'x', 'https://user@x', 'https://x?y'])('"%s" is no URL of an installation', (url) => {
  expect(() => createMooringClient({ url })).toThrow(/not one of a server/);
});

test('a list is read to its last page, with its filters on every one', async () => {
  const { url, received } = await serve(
    json(200, { items: [{ id: 'a' }], nextCursor: 'c1' }),
    json(200, { items: [], nextCursor: 'c2' }),
    json(200, { items: [{ id: 'b' }], nextCursor: null }),
  );
  const ids: string[] = [];

  const query = { tag: 'prod' };
  for await (const { id } of createMooringClient({ url }).paginate('/v1/connections', { params: { query } }))
    ids.push(id);

  expect(ids).toEqual(['a', 'b']);
  expect(received.map((each) => each.url)).toEqual([
    '/v1/connections?tag=prod',
    '/v1/connections?tag=prod&cursor=c1',
    '/v1/connections?tag=prod&cursor=c2',
  ]);
});

test.each([
  ['GET', {}, { unanswered: true }, true],
  ['DELETE', {}, { unanswered: true }, true],
  ['POST', {}, { unanswered: true }, false],
  ['PATCH', {}, { status: 503 }, false],
  ['POST', { 'idempotency-key': 'k' }, { status: 503 }, true],
  ['POST', {}, { status: 429 }, true],
  ['GET', {}, { status: 500 }, false],
  ['GET', {}, { status: 404 }, false],
] as const)('%s with %j after %j may be repeated: %s', (method, headers, after, expected) => {
  expect(mayRepeat({ method, headers: new Headers(headers) }, after)).toBe(expected);
});

test.each([
  ['7', 7],
  ['Mon, 30 Nov 2026 20:00:09 GMT', 9],
  ['Mon, 30 Nov 2026 19:00:00 GMT', 0],
  ['soon', undefined],
])('Retry-After "%s" means %s seconds', (text, seconds) => {
  const headers = new Headers({ 'retry-after': text });
  expect(retryAfterSeconds(headers, Date.parse('2026-11-30T20:00:00Z'))).toBe(seconds);
});
