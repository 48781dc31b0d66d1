import { expect, it } from 'vitest';
import type { Attempt } from '../../../contracts/attempts.ts';
import { iso } from '../../../contracts/time.ts';
import { createAttempts, type KeptAttempt } from '../../../stores/attempts.ts';
import { EphemeralStoreUnavailable } from '../../../stores/ephemeral/port.ts';
import { accounts, first, foreign, second } from './resources/accounts.ts';

interface Page {
  readonly items: readonly KeptAttempt[];
  readonly nextCursor: string | null;
}

const pathOf = (id: string): string => `/v1/connections/${id}/attempts`;

async function attemptsOf(standIns: Parameters<typeof accounts>[0] = {}) {
  const world = await accounts(standIns);
  const attempts = createAttempts(world.deps.ephemeral);
  /** A second after the one before it. */
  const add = async (changes: Partial<Attempt> = {}, connection = first): Promise<void> => {
    world.clock.advance(1);
    await attempts.add(connection, {
      at: iso(world.clock.now()),
      step: 'renewal',
      operation: 'token.refresh',
      host: 'cloud.example',
      outcome: 'refused',
      status: 400,
      cloudCode: 'invalid_grant',
      cloudRequestId: 'req-1',
      message: 'The token has expired.',
      durationMs: 120,
      attempt: 1,
      ...changes,
    });
  };
  const page = async (path: string): Promise<Page> => {
    const reply = await world.get(path);
    expect(reply.statusCode, reply.body).toBe(200);
    return reply.json();
  };
  return { ...world, add, page };
}

it('each call says what was asked of which host, how it ended, and what the cloud’s support asks for', async () => {
  const { add, page, clock } = await attemptsOf();
  await add();
  expect(await page(pathOf(first))).toEqual({
    items: [
      {
        id: expect.any(String),
        at: iso(clock.now()),
        step: 'renewal',
        operation: 'token.refresh',
        host: 'cloud.example',
        outcome: 'refused',
        status: 400,
        cloudCode: 'invalid_grant',
        cloudRequestId: 'req-1',
        message: 'The token has expired.',
        durationMs: 120,
        attempt: 1,
      },
    ],
    nextCursor: null,
  });
});

it('the id of our own request is another one', async () => {
  const { add, get } = await attemptsOf();
  await add({ cloudRequestId: 'theirs' });
  const reply = await get(pathOf(first));
  expect(reply.headers['x-request-id']).toEqual(expect.stringMatching(/.+/));
  expect(reply.headers['x-request-id']).not.toBe('theirs');
});

it('the newest come first, page by page, none twice and none left out while new ones come in', async () => {
  const { add, page } = await attemptsOf();
  for (const status of [1, 2, 3, 4, 5]) await add({ status, step: status % 2 === 0 ? 'discovery' : 'renewal' });
  const one = await page(`${pathOf(first)}?limit=2`);
  expect(one.items.map(({ status }) => status)).toEqual([5, 4]);
  await add({ status: 6 });
  const two = await page(`${pathOf(first)}?limit=2&cursor=${one.nextCursor}`);
  expect(two.items.map(({ status }) => status)).toEqual([3, 2]);
  const three = await page(`${pathOf(first)}?limit=2&cursor=${two.nextCursor}`);
  expect([three.items.map(({ status }) => status), three.nextCursor]).toEqual([[1], null]);
});

it('a page goes on where the last call that was read is no longer kept', async () => {
  const { add, page, deps } = await attemptsOf();
  for (const status of [1, 2, 3]) await add({ status });
  const { nextCursor } = await page(`${pathOf(first)}?limit=1`);
  await deps.ephemeral.delete(`attempts:${first}`);
  await add({ status: 4, at: '2000-01-01T00:00:00.000Z' });
  const next = await page(`${pathOf(first)}?limit=1&cursor=${nextCursor}`);
  expect(next.items.map(({ status }) => status)).toEqual([4]);
});

it('calls are filtered by step and outcome, and a cursor holds for its filters alone', async () => {
  const { add, page, get } = await attemptsOf();
  await add({ step: 'exchange', outcome: 'ok' });
  await add({ step: 'exchange', outcome: 'refused' });
  await add({ step: 'renewal', outcome: 'refused' });
  await add({ step: 'renewal', outcome: 'refused' });
  expect((await page(`${pathOf(first)}?step=exchange`)).items).toHaveLength(2);
  expect((await page(`${pathOf(first)}?step=exchange&outcome=ok`)).items).toHaveLength(1);
  const refused = await page(`${pathOf(first)}?outcome=refused&limit=2`);
  expect(refused.items).toHaveLength(2);
  const other = await get(`${pathOf(first)}?outcome=ok&limit=2&cursor=${refused.nextCursor}`);
  expect([other.statusCode, other.json()]).toMatchObject([400, { code: 'invalid_cursor' }]);
  const elsewhere = await get(`${pathOf(second)}?outcome=refused&limit=2&cursor=${refused.nextCursor}`);
  expect(elsewhere.statusCode).toBe(400);
  expect((await get(`${pathOf(first)}?outcome=good`)).statusCode).toBe(400);
});

it('a connection has its own calls alone, and one of another tenant does not exist', async () => {
  const { add, page, get } = await attemptsOf();
  await add({}, second);
  await add({}, foreign);
  expect((await page(pathOf(first))).items).toEqual([]);
  const reply = await get(pathOf(foreign));
  expect([reply.statusCode, reply.json()]).toMatchObject([404, { code: 'connection_not_found' }]);
});

it('where the store does not answer, the problem says so', async () => {
  const world = await accounts();
  const ephemeral = {
    ...world.deps.ephemeral,
    readStream: async () => await Promise.reject(new EphemeralStoreUnavailable('down')),
  };
  const { get } = await accounts({ ephemeral });
  expect((await get(pathOf(first))).statusCode).toBe(503);
});
