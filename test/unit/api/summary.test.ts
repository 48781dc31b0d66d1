import { describe, expect, it } from 'vitest';
import { temporalProblems } from '../../../api/temporal/problems.ts';
import type { ConnectionsGateway } from '../../../api/temporal/gateway.ts';
import { connectionStatuses } from '../../../contracts/connection.ts';
import { iso } from '../../../contracts/time.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import { EphemeralStoreUnavailable } from '../../../stores/ephemeral/port.ts';
import { composeApp, type ComposedApp } from './composed-app.ts';
import { viewWith } from './support.ts';

interface Summary {
  readonly connections: { readonly living: number; readonly byStatus: Record<string, number> } | null;
  readonly waiting: { readonly total: number } | null;
  readonly ending: { readonly items: readonly { readonly what: string }[] } | null;
  readonly apiKeys: { readonly total: number; readonly items: readonly { readonly name: string }[] } | null;
  readonly freshness: object | null;
  readonly unknown: readonly { readonly part: string; readonly problem: { code: string; message: string } }[];
}

const none = Object.fromEntries(connectionStatuses.map((status) => [status, 0]));
const ids = ['con_a', 'con_b', 'con_c', 'con_d'];
const overview = {
  counts: async () => ({
    byStatus: { ...none, active: 3, action_required: 1, disconnected: 5 },
    byProvider: { ovh: 4 },
    byReason: { invalid_grant: 1 },
    otherReasons: 0,
  }),
  waiting: async () => ({ total: 1, items: [viewWith({ status: 'action_required' })] }),
  ending: async () => ({ total: 0, items: [] }),
  handingOut: async () => ({ total: ids.length, items: ids }),
};

const composed = async (connections: object = overview): Promise<ComposedApp> =>
  await composeApp({}, { connections: connections as unknown as ConnectionsGateway });
const ask = async ({ app, keyFor }: ComposedApp, scope: 'connections:read' | 'admin' = 'admin') =>
  (await app.inject({ url: '/v1/summary', headers: await keyFor('acme', scope) })).json<Summary>();

describe('the summary', () => {
  it('the summary counts living connections apart from ended ones, and lists what waits', async () => {
    const summary = await ask(await composed());
    expect(summary).toMatchObject({
      connections: { living: 4, byStatus: { active: 3, disconnected: 5 }, byReason: { invalid_grant: 1 } },
      waiting: { total: 1, items: [{ status: 'action_required' }] },
      unknown: [],
    });
  });

  it('the summary measures the share of credentials with five minutes of life, and counts what it does not know apart', async () => {
    const world = await composed();
    const { ephemeral } = world.deps;
    const lives: readonly (number | null)[] = [300, 299, null];
    for (const [index, seconds] of lives.entries()) {
      const now = world.clock.now();
      const expiresAt = seconds === null ? null : iso(now + seconds * 1000);
      const facts = { v: 1, generation: 1, issuedAt: iso(now), expiresAt, nextRefreshAt: null };
      await ephemeral.put(ephemeralKeys.facts(ids[index] ?? ''), facts, 600);
    }
    const { freshness } = await ask(world);
    expect(freshness).toEqual({ seconds: 300, credentials: 4, measured: 4, unknown: 1, fresh: 2, share: 2 / 3 });
  });

  it('the summary guesses no freshness where nothing is known of any credential', async () => {
    expect((await ask(await composed())).freshness).toMatchObject({ measured: 4, unknown: 4, share: null });
  });

  it('while Redis is away the summary tells the rest, and says why the freshness is missing', async () => {
    const { deps } = await composed();
    const get = () => Promise.reject(new EphemeralStoreUnavailable('down'));
    const world = await composeApp(
      {},
      { connections: overview as unknown as ConnectionsGateway, ephemeral: { ...deps.ephemeral, get } },
    );
    const summary = await ask(world);
    expect(summary).toMatchObject({ connections: { living: 4 }, waiting: { total: 1 }, freshness: null });
    expect(summary.unknown).toEqual([
      { part: 'freshness', problem: expect.objectContaining({ message: expect.stringContaining('does not answer') }) },
    ]);
  });

  it('while Temporal is away the summary tells which API keys end, and nothing is guessed', async () => {
    const away = () => Promise.reject(temporalProblems.unavailable(new Error('temporal.internal:7233')));
    const world = await composed({ counts: away, waiting: away, ending: away, handingOut: away });
    const expiresAt = iso(world.clock.now() + 29 * 86_400_000);
    await world.deps.apiKeys.create({ tenant: 'acme', scopes: ['connections:read'], name: 'soon', expiresAt });
    await world.deps.apiKeys.create({ tenant: 'umbrella', scopes: ['connections:read'], name: 'other', expiresAt });
    const summary = await ask(world);
    expect(summary).toMatchObject({ connections: null, waiting: null, ending: null, freshness: null });
    expect(summary.apiKeys).toMatchObject({ total: 1, items: [{ name: 'soon' }] });
    expect(summary.unknown.map(({ part }) => part).toSorted()).toEqual([
      'connections',
      'ending',
      'freshness',
      'waiting',
    ]);
    expect(JSON.stringify(summary)).not.toContain('temporal.internal');
  });

  it('a key that may not manage keys does not learn from the summary which there are', async () => {
    const world = await composed();
    const expiresAt = iso(world.clock.now() + 86_400_000);
    await world.deps.apiKeys.create({ tenant: 'acme', scopes: ['admin'], name: 'soon', expiresAt });
    expect((await ask(world, 'admin')).apiKeys).toMatchObject({ total: 1 });
    const summary = await ask(world, 'connections:read');
    expect(summary.apiKeys).toBeNull();
    expect(summary.unknown).toEqual([
      { part: 'apiKeys', problem: expect.objectContaining({ code: 'insufficient_scope' }) },
    ]);
  });

  it('the summary says of what ends whether it is the link, the wait or the credential', async () => {
    const at = '2026-12-01T08:00:00.000Z';
    const fixed = {
      v: 1,
      generation: 1,
      issuedAt: at,
      expiresAt: at,
      nextRefreshAt: null,
      renewable: false,
      scopes: [],
    };
    const views = [
      viewWith(),
      viewWith({ status: 'verifying' }),
      viewWith({ status: 'active', invitation: null, credential: { ...fixed, v: 1 } }),
      viewWith({ status: 'active', credential: { ...fixed, v: 1, expiresAt: '2027-01-01T08:00:00.000Z' } }),
    ];
    const ends = [at, at, at, views[3]?.invitation?.expiresAt ?? ''];
    const ending = async () => ({ total: 4, items: views.map((view, index) => ({ at: ends[index] ?? '', view })) });
    const summary = await ask(await composed({ ...overview, ending }));
    expect(summary.ending?.items.map(({ what }) => what)).toEqual([
      'invitation',
      'verification',
      'credential',
      'invitation',
    ]);
  });

  it('many consoles of a tenant cause one question in ten seconds, and those of another tenant their own', async () => {
    const asked: string[] = [];
    const counts = async (tenant: string) => {
      asked.push(tenant);
      return await overview.counts();
    };
    const world = await composed({ ...overview, counts });
    const [acme, umbrella] = [await world.keyFor('acme', 'admin'), await world.keyFor('umbrella', 'admin')];
    const read = async (headers: { authorization: string }) => await world.app.inject({ url: '/v1/summary', headers });
    await Promise.all([acme, acme, acme, umbrella].map(read));
    world.clock.advance(9);
    await read(acme);
    expect(asked.toSorted()).toEqual(['acme', 'umbrella']);
    world.clock.advance(1);
    await read(acme);
    expect(asked).toHaveLength(3);
  });
});
