import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ConnectionsGateway } from '../../../api/temporal/gateway.ts';
import { createCredentialReader } from '../../../api/credentials/reader.ts';
import { apiProblems } from '../../../api/http/problem.ts';
import type { Json } from '../../../platform/json.ts';
import { createLogger } from '../../../platform/logger.ts';
import { Secret } from '../../../platform/secret.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import { EphemeralStoreUnavailable } from '../../../stores/ephemeral/port.ts';
import { createSqliteEphemeralStore } from '../../../stores/ephemeral/sqlite.ts';
import { liveKeys, type AccessRecord } from '../../../stores/secrets/credential-record.ts';
import { createSqliteSecretStore } from '../../../stores/secrets/sqlite.ts';
import type { ConnectionView } from '../../../contracts/connection.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { temporalProblems } from '../../../api/temporal/problems.ts';
import { accessRecordWith, foundOf, keyRing, viewWith } from './support.ts';

const { id } = viewWith();
const problem = { code: 'cloud_away', message: 'The cloud does not answer.', remedy: 'Wait.' };

/** A reader on SQLite stores that count their calls, and a connection whose refresh is replaced by the test. */
async function readerWith(record: AccessRecord | undefined, view: ConnectionView = viewWith({ status: 'active' })) {
  const folder = temporaryFolder();
  const clock = createManualClock();
  const secrets = createSqliteSecretStore({ path: join(folder, 'secrets.db'), keyRing, clock });
  const ephemeral = createSqliteEphemeralStore({ path: join(folder, 'ephemeral.db'), keyRing, clock });
  onTestFinished(async () => {
    await secrets.close();
    await ephemeral.close();
  });
  const calls = { vault: 0, redis: 0, describes: 0, refreshes: 0 };
  const world = {
    clock,
    calls,
    view,
    redisDown: false,
    temporalDown: false,
    /** What a refresh of the connection does. By default it succeeds and changes nothing. */
    refresh: async (): Promise<void> => undefined,
    store: async (document: object) =>
      void (await secrets.write('live', liveKeys.access(id), new Secret(document as AccessRecord))),
    publish: async (condition: object) => await ephemeral.put(ephemeralKeys.condition(id), condition as Json, 60),
    lease: (minTtlSeconds?: number, tenant = 'acme') =>
      reader.lease({ tenant, by: { kind: 'key', id: 'k' } }, id, minTtlSeconds),
  };
  const connections = {
    async view(tenant: string) {
      calls.describes += 1;
      if (world.temporalDown) throw temporalProblems.unavailable(undefined);
      if (tenant !== world.view.tenant) throw apiProblems.connectionNotFound();
      return foundOf(world.view);
    },
    async update() {
      calls.refreshes += 1;
      await world.refresh();
      return { outcome: 'served', reply: { spent: true } };
    },
  } as unknown as ConnectionsGateway;
  const reader = createCredentialReader({
    secrets: {
      async read(gate, key) {
        calls.vault += 1;
        return await secrets.read(gate, key);
      },
    },
    ephemeral: {
      async get(key) {
        calls.redis += 1;
        if (world.redisDown) throw new EphemeralStoreUnavailable('down');
        return await ephemeral.get(key);
      },
    },
    connections,
    clock,
    logger: createLogger('test', 'silent'),
  });
  if (record) await world.store(record);
  return world;
}

const start = createManualClock().now();
/** A record that expires in `left` seconds, and whose renewal is due in `renewalIn` seconds. */
const living = (left: number, renewalIn: number | null = left / 2) =>
  accessRecordWith({
    access_token: 'at',
    expires_at: start / 1000 + left,
    mooring: { issued_at_ms: start, next_refresh_at_ms: renewalIn === null ? null : start + renewalIn * 1000 },
  });
const codesOf = ({ warnings }: { warnings: readonly { code: string }[] }) => warnings.map(({ code }) => code);

describe('a credential reader', () => {
  it('a healthy credential costs one read of each store, and no call to Temporal', async () => {
    const { lease, calls } = await readerWith(living(600));
    expect(await lease()).toMatchObject({ remainingSeconds: 600, warnings: [] });
    expect(calls).toEqual({ vault: 1, redis: 1, describes: 0, refreshes: 0 });
  });

  it('a valid credential is served while the ephemeral store and Temporal are unavailable', async () => {
    const world = await readerWith(living(600));
    Object.assign(world, { redisDown: true, temporalDown: true });
    expect(await world.lease()).toMatchObject({ remainingSeconds: 600, warnings: [] });
  });

  it('a credential comes with the warnings that the connection published, and malformed ones are ignored', async () => {
    const { lease, publish } = await readerWith(living(600));
    const warning = { ...problem, code: 'secret_expires' };
    await publish({ status: 'degraded', problem, warnings: [warning] });
    expect(codesOf(await lease())).toEqual(['secret_expires', 'cloud_away']);
    await publish({ status: 'active', problem, warnings: [] });
    expect(codesOf(await lease())).toEqual([]);
    await publish({ status: 'unheard_of' });
    expect(codesOf(await lease())).toEqual([]);
  });

  it('a credential comes with a warning once its renewal is two minutes late, with the cause from Temporal', async () => {
    const world = await readerWith(living(600, 60), viewWith({ status: 'degraded', problem }));
    world.clock.advance(180);
    expect(codesOf(await world.lease())).toEqual([]);
    world.clock.advance(1);
    const { warnings } = await world.lease();
    expect(warnings).toMatchObject([
      { code: 'renewal_late', message: expect.stringContaining(problem.message), remedy: problem.remedy },
    ]);
    world.temporalDown = true;
    world.clock.advance(10);
    expect(codesOf(await world.lease())).toEqual(['renewal_late']);
  });

  it('fifty readers of a credential whose renewal is late cause one query to Temporal', async () => {
    const { lease, clock, calls } = await readerWith(living(6000, 60));
    clock.advance(1000);
    await Promise.all(Array.from({ length: 50 }, () => lease()));
    expect(calls.describes).toBe(1);
  });

  it('fifty concurrent readers of one connection share one refresh', async () => {
    const world = await readerWith(living(30));
    const done = Promise.withResolvers<void>();
    world.refresh = async () => {
      await done.promise;
      await world.store(living(3600));
    };
    const leases = Array.from({ length: 50 }, () => world.lease(1000));
    done.resolve();
    expect(new Set((await Promise.all(leases)).map(({ remainingSeconds }) => remainingSeconds))).toEqual(
      new Set([3600]),
    );
    expect(world.calls.refreshes).toBe(1);
  });

  it('an expired credential is never served: it is refreshed, or the problem is reported', async () => {
    const world = await readerWith(living(-1, null), viewWith({ status: 'action_required', problem }));
    await expect(world.lease(0)).rejects.toMatchObject({ status: 409, code: 'cloud_away' });
    expect(world.calls.refreshes).toBe(1);
    world.refresh = async () => await world.store(living(3600));
    expect(await world.lease(0)).toMatchObject({ remainingSeconds: 3600 });
  });

  it('a read of an expired credential reports that no worker answered the refresh', async () => {
    const world = await readerWith(living(-1, null));
    world.refresh = () => Promise.reject(temporalProblems.verbUnanswered(undefined));
    await expect(world.lease()).rejects.toMatchObject({ status: 503, code: 'no_worker_answered' });
  });

  it('a read for a longer lifetime than the cloud issues is refused, and the maximum is named', async () => {
    const { lease, calls } = await readerWith(living(600));
    await expect(lease(3601)).rejects.toMatchObject({ status: 422, details: { maximumTtlSeconds: 3600 } });
    expect(calls.refreshes).toBe(0);
  });

  it('a credential reader is served no record of another tenant and no unreadable record', async () => {
    const world = await readerWith(living(600));
    await expect(world.lease(0, 'globex')).rejects.toMatchObject({ code: 'connection_not_found' });
    await world.store({ access_token: 'at', provider: 'p' });
    await expect(world.lease()).rejects.toMatchObject({ status: 409, code: 'credential_unreadable' });
    await expect(world.lease(0, 'globex')).rejects.toMatchObject({ code: 'connection_not_found' });
  });

  it('a read without a stored credential reports the problem of the connection', async () => {
    const { lease } = await readerWith(
      undefined,
      viewWith({ status: 'stopped', problem: { ...problem, code: 'stopped' } }),
    );
    await expect(lease()).rejects.toMatchObject({ status: 409, code: 'stopped' });
  });
});
