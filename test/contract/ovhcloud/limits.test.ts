import { describe, expect, test } from 'vitest';

import { thrown } from '../thrown.ts';
import { contextAt, createWaitingClock, listedBy } from './lister-harness.ts';
import { useListerWorld } from './lister-world.ts';
import { projectId } from './recorded-world.ts';
import { type Fault, type FaultAt } from './world-api.ts';

const ovh = useListerWorld();
let clock: ReturnType<typeof createWaitingClock>;
const start = async (faultAt: FaultAt) => {
  clock = createWaitingClock();
  return await ovh.start(faultAt);
};
const lister = (source: 'cli' | 'rest', timeoutMs = 270_000) =>
  ovh.lister(source, {
    clock,
    pause: clock.pause,
    limits: { timeoutMs, maxBytes: 64_000_000 },
  });

const tooMany = (retryAfter?: string): Fault => ({
  status: 429,
  body: { class: 'Client::TooManyRequests', message: 'Too many requests, please retry later' },
  headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
});
const P = `/cloud/project/${projectId}`;

/** So many calls are answered, and those after them refused, until the clock has gone on. */
function allowance(calls: number, windowMs: number, retryAfter: string): FaultAt {
  let [left, window] = [calls, -1];
  return () => {
    const now = Math.floor(clock.now() / windowMs);
    if (now !== window) [left, window] = [calls, now];
    return left-- > 0 ? undefined : tooMany(retryAfter);
  };
}

const askedFor = (path: RegExp): number => ovh.api.paths.filter((asked) => path.test(asked)).length;

describe('where OVHcloud limits the calls', () => {
  test.each([['13'], [undefined]])(
    'a list over REST waits as long as the cloud says (Retry-After: %s) and goes on where it stopped',
    async (retryAfter) => {
      let refusals = 1;
      const context = await start((path) =>
        path.endsWith('/instance/00000002-1111-4222-8333-000000000002') && refusals-- > 0
          ? tooMany(retryAfter)
          : undefined,
      );
      const listing = await listedBy(lister('rest'), context, 'instance', projectId);
      expect(listing).toMatchObject({ complete: true, source: 'rest' });
      expect(listing.rows).toHaveLength(2);
      expect(clock.secondsWaited()).toBe(Number(retryAfter ?? 1));
      expect(ovh.api.paths).toHaveLength(4);
    },
  );

  test.each(['cli', 'rest'] as const)(
    'all kinds are complete by %s at five calls in ten seconds, lists at once included',
    async (source) => {
      const context = await start(allowance(5, 10_000, '10'));
      const one = lister(source);
      const lists = one.lists.map(
        async ({ id, scope }) => await listedBy(one, context, id, scope === 'project' ? projectId : null),
      );
      const listings = await Promise.all(lists);
      const again = ovh.lister('rest');
      ovh.api.close();
      const free = await start(() => undefined);
      for (const [index, { id, scope }] of one.lists.entries()) {
        const all = await listedBy(again, free, id, scope === 'project' ? projectId : null);
        expect([id, listings[index]?.complete]).toEqual([id, true]);
        expect(listings[index]?.rows.map(({ key }) => key).toSorted()).toEqual(
          all.rows.map(({ key }) => key).toSorted(),
        );
      }
    },
  );

  test('what was refused to the program is read over REST, and nothing else is read again', async () => {
    let refusals = 1;
    const lost = /instance\/00000002-1111-4222-8333-000000000002$/;
    const context = await start((path) => (lost.test(path) && refusals-- > 0 ? tooMany('9') : undefined));
    const listing = await listedBy(lister('cli'), context, 'instance', projectId);
    expect(listing).toMatchObject({ complete: true, source: 'cli' });
    expect(listing.rows.map(({ name, source }) => [name, source])).toEqual([
      ['web-1', 'cli'],
      ['web-2', 'rest'],
    ]);
    expect([askedFor(/\/instance$/), askedFor(/instance\/00000001/), askedFor(lost)]).toEqual([1, 1, 2]);
  });

  test.each([
    ['object_storage_s3', /\/region\/SBG5$/],
    ['object_storage_s3', /\/region\/SBG5\/storage$/],
    ['private_network', /\/network\/private\/pn-1002_2$/],
    ['registry', /\/region\/GRA11$/],
    ['registry', /\/plan$/],
    ['kubernetes', /\/kube$/],
  ] as const)('a list of %s by the program is complete although %s was refused once', async (kind, path) => {
    let refusals = 1;
    const context = await start((asked) => (path.test(asked) && refusals-- > 0 ? tooMany('9') : undefined));
    const listing = await listedBy(lister('cli'), context, kind, projectId);
    const expected = await listedBy(ovh.lister('rest'), context, kind, projectId);
    expect(listing.complete).toBe(true);
    const plain = ({ rows }: typeof listing) =>
      rows.map(({ key, summary }) => ({ key, summary })).toSorted((one, other) => (one.key < other.key ? -1 : 1));
    expect(plain(listing)).toEqual(plain(expected));
  });

  test('a list sends nothing while another list of its connection is told to wait', async () => {
    const context = await start((path) => (path === `${P}/instance` ? tooMany('30') : undefined));
    const one = lister('rest', 20_000);
    await thrown(listedBy(one, context, 'instance', projectId));
    const error = await thrown(listedBy(one, context, 'volume', projectId));
    expect([error.class, error.retryAfterSeconds]).toEqual(['transient', 30]);
    expect(askedFor(/\/volume$/)).toBe(0);
  });

  test('calls that were refused together wait together, and then begin with one', async () => {
    let isOpen = false;
    const context = await start((path) => (/\/instance\/|\/kube\//.test(path) && !isOpen ? tooMany('30') : undefined));
    const pause = clock.pause;
    clock.pause = async (milliseconds) => {
      isOpen = true;
      await pause(milliseconds);
    };
    const one = lister('rest');
    const listings = await Promise.all(
      ['instance', 'kubernetes'].map(async (kind) => await listedBy(one, context, kind, projectId)),
    );
    expect(listings.map(({ complete }) => complete)).toEqual([true, true]);
    expect(clock.secondsWaited()).toBe(30);
  });

  test.each(['cli', 'rest'] as const)(
    'a wait that would end after the deadline of a list by %s is left to the next attempt, which is told how long it is',
    async (source) => {
      const context = await start((path) => (path === `${P}/instance` ? tooMany('120') : undefined));
      const error = await thrown(listedBy(lister(source, 60_000), context, 'instance', projectId));
      expect(error).toMatchObject({ class: 'transient', problem: { code: 'cloud_rate_limited' } });
      expect(error.retryAfterSeconds).toBe(120);
      expect(clock.secondsWaited()).toBeLessThanOrEqual(1);
    },
  );

  test('another connection is not slowed down', async () => {
    const context = await start((_path, { authorization }) =>
      authorization === 'Bearer at-0123456789' ? tooMany('60') : undefined,
    );
    const one = lister('rest', 30_000);
    await thrown(listedBy(one, context, 'volume', projectId));
    const record = { auth_method: 'authorization_code', access_token: 'at-another-one' };
    const other = { ...contextAt(ovh.api.endpoint, record), connectionId: 'con_other' };
    expect(await listedBy(one, other, 'volume', projectId)).toMatchObject({ complete: true });
  });

  test('a list that is cancelled while it waits rejects with the reason of its signal', async () => {
    const controller = new AbortController();
    const context = await start(() => tooMany('60'));
    clock.pause = async () => {
      controller.abort(new Error('the discovery was cancelled'));
      await new Promise(() => undefined);
    };
    const listing = listedBy(lister('rest'), { ...context, signal: controller.signal }, 'volume', projectId);
    await expect(listing).rejects.toThrow('the discovery was cancelled');
  });
});
