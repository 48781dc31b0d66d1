import { describe, expect, it } from 'vitest';
import { idsOf } from '../../../../activities/reconcile/choose.ts';
import { EphemeralStoreUnavailable } from '../../../../stores/ephemeral/port.ts';
import { ephemeralKeys } from '../../../../stores/ephemeral/keys.ts';
import { Secret } from '../../../../platform/secret.ts';
import { SecretStoreUnavailable } from '../../../../stores/secrets/port.ts';
import type { ConnectionView } from '../../../../contracts/connection.ts';
import { restartView } from '../../../../contracts/restart.ts';
import { aboutOf, createReconcileWorld, listsOnly } from './world.ts';

/** The first character is spread as in ids that are made. */
const idOf = (number: number): string =>
  `con_${'abcdefghijklmnopqrstuvwxyz234567'[number % 32]}${String(number).padStart(25, 'a')}`;
const HOUR_SECONDS = 3_600;

describe('a reconciliation', () => {
  it('a reconciliation leaves a running connection alone, although visibility does not list it yet', async () => {
    const world = createReconcileWorld();
    await world.putLive(idOf(1));
    world.temporal.runs.set(idOf(1), 'running');
    world.temporal.hide(idOf(1));
    expect(await world.reconcile()).toMatchObject({ running: 1, restarted: { stopped: 0 }, failed: 0 });
    expect(world.temporal.restarts).toEqual([]);
    expect(await world.hasAccess(idOf(1))).toBe(true);
  });

  it('a reconciliation treats a connection as lost only after two lookups with a pause between them', async () => {
    const world = createReconcileWorld();
    const [lost, between] = [idOf(1), idOf(2)];
    for (const id of [lost, between]) {
      await world.putLive(id);
      world.temporal.runs.set(id, 'terminated');
    }
    world.temporal.meanwhile((id, times) => {
      if (id === between && times === 2) world.temporal.runs.set(id, 'running');
    });
    expect(await world.reconcile()).toMatchObject({ running: 2, restarted: { stopped: 1 }, failed: 0 });
    expect(world.temporal.restarts.map(({ about }) => about.connection.id)).toEqual([lost]);
    expect(world.paused).toEqual([3_000]);
    expect([await world.hasAccess(lost), await world.hasAccess(between)]).toEqual([false, true]);
  });

  it('a reconciliation does not pause where no connection seems lost', async () => {
    const world = createReconcileWorld();
    await world.putLive(idOf(1));
    world.temporal.runs.set(idOf(1), 'running');
    await world.reconcile();
    expect(world.paused).toEqual([]);
  });

  it('a reconciliation withdraws the handed-out credential before it restarts a connection', async () => {
    const world = createReconcileWorld();
    await world.putLive(idOf(1));
    world.temporal.runs.set(idOf(1), 'terminated');
    let wasHandedOut: boolean | undefined;
    const { directory } = world.temporal;
    await world.reconcile({
      directory: {
        ...directory,
        async restart(restart) {
          wasHandedOut = await world.hasAccess(restart.about.connection.id);
          return await directory.restart(restart);
        },
      },
    });
    expect(wasHandedOut).toBe(false);
  });

  it('a reconciliation restores the handed-out credential where another process has restarted the connection', async () => {
    const world = createReconcileWorld();
    await world.putLive(idOf(1));
    world.temporal.runs.set(idOf(1), 'terminated');
    const about = aboutOf(idOf(1));
    const stopped = restartView({
      restart: 1,
      about,
      as: 'stopped',
      at: about.createdAt,
      discards: [],
      revocation: null,
    });
    const { directory } = world.temporal;
    const racing = (view: ConnectionView): typeof directory => ({
      ...directory,
      async restart() {
        world.temporal.runs.set(idOf(1), 'running');
        world.temporal.views.set(idOf(1), view);
        return 'refused';
      },
    });
    await world.reconcile({ directory: racing({ ...stopped, status: 'active' }) });
    expect(await world.hasAccess(idOf(1))).toBe(true);

    world.temporal.runs.set(idOf(1), 'terminated');
    await world.reconcile({ directory: racing(stopped) });
    expect(await world.hasAccess(idOf(1))).toBe(false);
  });

  it('a reconciliation restarts a disconnect, and sweeps late secrets and discards abandoned ones once each', async () => {
    const world = createReconcileWorld();
    const [ending, ended, abandoned] = [idOf(1), idOf(2), idOf(3)];
    world.temporal.runs.set(ending, 'terminated');
    await world.putRevoking(ending);
    world.temporal.runs.set(ended, 'completed');
    await world.putRevoking(ended);
    await world.putPending(abandoned, 'ref');
    world.clock.advance(2 * HOUR_SECONDS);
    expect(await world.reconcile()).toMatchObject({
      restarted: { stopped: 0, disconnecting: 1 },
      swept: 1,
      discarded: 1,
      failed: 0,
    });
    expect(world.temporal.restarts).toMatchObject([{ as: 'disconnecting', about: { connection: { id: ending } } }]);
    expect(world.temporal.swept).toEqual([ended]);
    expect(world.temporal.discarded).toEqual([`${abandoned}/ref`]);
    // A sweep or discard that was begun may take days, and is not begun again.
    expect(await world.reconcile()).toMatchObject({ swept: 0, discarded: 0, failed: 0 });
  });

  it('a reconciliation revokes what is left beside a tombstone, and keeps its outcome where nothing is left', async () => {
    const world = createReconcileWorld();
    const revocation = { outcome: 'revoked', revoked: ['refresh_token'] };
    for (const id of [idOf(1), idOf(2)]) {
      world.temporal.runs.set(id, 'terminated');
      await world.secrets.write(
        'tombstones',
        id,
        new Secret({ connection: { ...aboutOf(id).connection }, revocation }),
      );
    }
    await world.putRevoking(idOf(2));
    await world.reconcile();
    const restarted = Object.fromEntries(world.temporal.restarts.map((each) => [each.about.connection.id, each]));
    expect(restarted[idOf(1)]).toMatchObject({ as: 'disconnecting', revocation });
    expect(restarted[idOf(2)]).toMatchObject({ as: 'disconnecting', revocation: null });
  });

  it('a reconciliation continues past a connection that fails, and logs which one', async () => {
    const world = createReconcileWorld();
    for (const number of [1, 2, 3]) {
      await world.putLive(idOf(number));
      world.temporal.runs.set(idOf(number), 'terminated');
    }
    world.temporal.fail(idOf(2));
    expect(await world.reconcile()).toMatchObject({ failed: 1, restarted: { stopped: 2 } });
    expect(world.log()).toContain(`"connection":"${idOf(2)}"`);
  });

  it('a reconciliation fails as a whole and is retried where the secret store does not answer', async () => {
    const world = createReconcileWorld();
    const unavailable = async () => {
      throw new SecretStoreUnavailable('It is sealed.', { ambiguous: false });
    };
    await expect(world.reconcile({ secrets: { ...world.secrets, list: unavailable } })).rejects.toMatchObject({
      type: 'not_yet',
    });
    expect(world.temporal.calls.find).toBe(0);
  });

  it('a reconciliation succeeds although its counts cannot be published', async () => {
    const world = createReconcileWorld();
    const put = async () => {
      throw new EphemeralStoreUnavailable('It is away.');
    };
    expect(await world.reconcile({ ephemeral: { ...world.ephemeral, put } })).toMatchObject({ failed: 0 });
    expect(await world.ephemeral.get(ephemeralKeys.reconcile)).toBeUndefined();
  });

  it('a reconciliation publishes the number of connections for each provider and region', async () => {
    const world = createReconcileWorld();
    for (const number of [1, 2, 3]) world.temporal.runs.set(idOf(number), 'running');
    await world.reconcile();
    expect(await world.ephemeral.get(ephemeralKeys.connectionsByGate)).toEqual({ 'ovh.ovh-eu': 3 });
  });

  it('a reconciliation returns no connection id', async () => {
    const world = createReconcileWorld();
    await world.putLive(idOf(1));
    world.temporal.runs.set(idOf(1), 'terminated');
    expect(JSON.stringify(await world.reconcile())).not.toContain('con_');
  });
});

describe('a reconciliation of 100,000 connections', () => {
  const COUNT = 100_000;
  const all = Array.from({ length: COUNT }, (_, number) => idOf(number));

  it('a reconciliation of 100,000 connections lists one part of them, and looks up what may be in trouble', async () => {
    const world = createReconcileWorld();
    for (const id of all) world.temporal.runs.set(id, 'running');
    const secrets = listsOnly({ live: all.map((id) => `${id}/`) });
    const inTime = { v: 1, nextRefreshAt: new Date(world.clock.now() + 60_000).toISOString() };
    const get = async (key: string) => (key.startsWith('facts:') ? inTime : await world.ephemeral.get(key));
    expect(await world.reconcile({ secrets, ephemeral: { ...world.ephemeral, get } })).toMatchObject({
      running: COUNT,
      stopped: 0,
      failed: 0,
    });
    expect(world.temporal.calls).toMatchObject({ find: COUNT / 32, pages: 4 });
    expect(await world.ephemeral.get(ephemeralKeys.connectionsByGate)).toEqual({ 'ovh.ovh-eu': COUNT });
  });

  it('a reconciliation of 100,000 connections looks up each once where none has published facts', async () => {
    const world = createReconcileWorld();
    for (const id of all) world.temporal.runs.set(id, 'running');
    const secrets = listsOnly({ live: all.map((id) => `${id}/`), pending: [`${all[7]}/`] });
    expect(await world.reconcile({ secrets })).toMatchObject({ running: COUNT, failed: 0, postponed: 0 });
    expect(world.temporal.calls).toMatchObject({ find: COUNT, pages: 4, mostAtOnce: 4 });
    expect(world.paused).toEqual([]);
  });

  it('a reconciliation restarts at most a thousand lost connections in one run, and reports how many wait', async () => {
    const world = createReconcileWorld();
    for (const id of all) {
      world.temporal.runs.set(id, 'terminated');
      const about = aboutOf(id);
      world.temporal.views.set(
        id,
        restartView({ restart: 1, about, as: 'stopped', at: about.createdAt, discards: [], revocation: null }),
      );
    }
    const secrets = listsOnly({ live: all.map((id) => `${id}/`) });
    expect(await world.reconcile({ secrets })).toMatchObject({
      restarted: { stopped: 1_000 },
      postponed: COUNT - 1_000,
      running: 1_000,
    });
    expect(world.temporal.calls.mostAtOnce).toBe(4);
  });

  it('a name in the secret store that is no folder is not taken for a connection', () => {
    expect(idsOf([`${idOf(1)}/`, 'loose', `${idOf(2)}/`])).toEqual(new Set([idOf(1), idOf(2)]));
  });
});
