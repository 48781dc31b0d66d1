import { beforeAll, describe, expect, it } from 'vitest';
import type { BulkView as Bulk } from '../../contracts/bulk.ts';
import { eventually } from '../support/eventually.ts';
import { connect, platform, type Platform } from './support/connect.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();

interface Results {
  readonly items: readonly {
    readonly connection: string;
    readonly outcome: string;
    readonly problem: { readonly code: string } | null;
    readonly link: { readonly url: string } | null;
  }[];
  readonly next: number | null;
}

describe.skipIf(address === null)('bulk jobs', { timeout: 60_000 }, () => {
  let stack: Stack;
  let acme: Record<string, string>;
  let backend: Platform;
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    acme = await stack.keyFor('acme', 'admin');
    backend = platform(stack, acme);
  });

  const call = async (method: 'GET' | 'POST', path: string, payload?: object, headers = acme) =>
    await stack.app.inject({ method, url: `/v1/bulk${path}`, headers, ...(payload && { payload }) });
  const start = async (body: object, more: Record<string, string> = {}): Promise<Bulk> => {
    const reply = await call('POST', '', body, { ...acme, ...more });
    expect(reply.statusCode, reply.body).toBe(202);
    return reply.json<Bulk>();
  };
  const ended = async (id: string): Promise<Bulk> =>
    await eventually('the end of the job', async () => {
      const job = (await call('GET', `/${id}`)).json<Bulk>();
      return job.status === 'finished' && job;
    });
  const resultsOf = async (id: string, query = '', headers = acme): Promise<Results> =>
    (await call('GET', `/${id}/results${query}`, undefined, headers)).json<Results>();
  /** Two that are active and one that never came in. */
  const three = async (): Promise<readonly [string, string, string]> => {
    const [one, other] = await Promise.all([connect(stack, backend), connect(stack, backend)]);
    const { connection } = await backend.invite();
    return [one.connection.id, other.connection.id, connection.id];
  };

  it('a verb is carried out by each connection, and each refusal is told with its reason', async () => {
    const [one, other, waiting] = await three();
    const { id, ...job } = await start({ action: 'pause', connections: [one, other, waiting] });
    expect(job).toMatchObject({ action: 'pause', targets: 3, by: { kind: 'key' } });
    expect((await ended(id)).counts).toMatchObject({ done: 2, refused: 1 });
    expect((await backend.get(one)).status).toBe('paused');
    const { items } = await resultsOf(id);
    expect(items.map(({ outcome, problem }) => [outcome, problem?.code ?? null])).toEqual([
      ['done', null],
      ['done', null],
      ['refused', 'nothing_to_pause'],
    ]);
    expect((await resultsOf(id, '?outcome=done&limit=1')).next).toBe(1);
  });

  it('a job that asks customers to sign in again answers a link for each, and shows none to a key that only reads', async () => {
    const [one] = await three();
    const { id } = await start({ action: 'reauthorize', connections: [one], lifetimeSeconds: 3_600 });
    await ended(id);
    expect((await resultsOf(id)).items[0]?.link?.url).toContain('/connect/');
    const reader = await stack.keyFor('acme', 'connections:read');
    expect((await resultsOf(id, '', reader)).items[0]).toMatchObject({ outcome: 'done', link: null });
  });

  it('a dry run counts what matches, and does nothing', async () => {
    const [one, other] = await three();
    for (const id of [one, other]) await backend.call('PATCH', `/${id}`, { tags: ['dry'] });
    const matches = await eventually('both to be found', async () => {
      const dry = (await call('POST', '-dry-run', { action: 'disconnect', filter: { tag: 'dry' } })).json<{
        matches: number;
        sample: string[];
      }>();
      return dry.matches === 2 && dry.sample;
    });
    expect(matches.toSorted()).toEqual([one, other].toSorted());
    expect((await backend.get(one)).status).toBe('active');
  });

  it('disconnecting needs a reason and the number of a dry run, and does nothing where the number has changed', async () => {
    const [one] = await three();
    const body = { action: 'disconnect', connections: [one] };
    const bare = await call('POST', '', body);
    expect(bare.statusCode).toBe(400);
    expect(bare.body).toContain('a \\"reason\\" is needed');
    const changed = await call('POST', '', { ...body, reason: 'The customer has left.', expected: 2 });
    expect(changed.statusCode).toBe(409);
    expect(changed.json()).toMatchObject({ code: 'bulk_count_changed' });
    expect((await backend.get(one)).status).toBe('active');
    const { id } = await start({ ...body, reason: 'The customer has left.', expected: 1 });
    await ended(id);
    await backend.until(one, 'disconnected');
  });

  it.each([
    [{ action: 'pause' }, 'one of'],
    [{ action: 'pause', filter: {} }, 'filter'],
    [{ action: 'pause', filter: { provider: 'ovh' }, connections: [`con_${'a'.repeat(26)}`] }, 'one of'],
    [{ action: 'tag', filter: { provider: 'ovh' } }, 'needs'],
    [{ action: 'pause', filter: { provider: 'ovh' }, tags: { add: ['x'] } }, 'tags'],
    [{ action: 'refresh', filter: { provider: 'ovh' } }, 'action'],
  ])('the request %j is refused before anything is started', async (body, word) => {
    const reply = await call('POST', '', body);
    expect(reply.statusCode, reply.body).toBe(400);
    expect(reply.body).toContain(word);
  });

  it('a repeat with the same Idempotency-Key answers the same job, and with another body is refused', async () => {
    const [one] = await three();
    const key = { 'idempotency-key': `again-${one}` };
    const body = { action: 'tag', connections: [one], tags: { add: ['once'] } };
    const { id } = await start(body, key);
    const again = await call('POST', '', body, { ...acme, ...key });
    expect([again.statusCode, again.json<Bulk>().id]).toEqual([200, id]);
    const other = await call('POST', '', { ...body, tags: { add: ['twice'] } }, { ...acme, ...key });
    expect(other.json()).toMatchObject({ code: 'idempotency_key_reused' });
    await ended(id);
    expect((await backend.get(one)).tags).toEqual(['once']);
  });

  it('a job does not exist for another tenant, and does nothing with the connections of another tenant', async () => {
    const globex = await stack.keyFor('globex', 'admin');
    const [one] = await three();
    const reply = await call('POST', '', { action: 'pause', connections: [one] }, globex);
    const { id } = reply.json<Bulk>();
    expect((await call('GET', `/${id}`)).statusCode).toBe(404);
    expect((await call('POST', `/${id}/cancel`)).statusCode).toBe(404);
    const job = await eventually('the end of the job', async () => {
      const now = (await call('GET', `/${id}`, undefined, globex)).json<Bulk>();
      return now.status === 'finished' && now;
    });
    expect(job.counts).toMatchObject({ done: 0, refused: 1 });
    expect((await backend.get(one)).status).toBe('active');
  });

  it('cancelling a job that has finished answers how it ended', async () => {
    const [one] = await three();
    const { id } = await start({ action: 'verify', connections: [one] });
    await ended(id);
    const reply = await call('POST', `/${id}/cancel`);
    expect([reply.statusCode, reply.json<Bulk>().status]).toEqual([202, 'finished']);
  });
});
