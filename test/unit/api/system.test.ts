import { describe, expect, it } from 'vitest';
import type { ConnectionsGateway } from '../../../api/temporal/gateway.ts';
import { temporalProblems } from '../../../api/temporal/problems.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import { EphemeralStoreUnavailable } from '../../../stores/ephemeral/port.ts';
import { composeApp } from './composed-app.ts';
import { keyRing } from './support.ts';

const queue = { queue: 'mooring', kind: 'workflow', pollers: 2, builds: ['2026-11-30'] } as const;
const answering = {
  ping: async () => undefined,
  pollers: async () => [queue],
} as unknown as ConnectionsGateway;
const counts = { at: '2026-11-23T08:00:00.000Z', running: 9, late: 1, paused: 2, stuck: 3, stopped: 4 };

interface System {
  readonly stores: readonly { readonly name: string; readonly problem: { readonly message: string } | null }[];
  readonly unknown: readonly { readonly part: string; readonly problem: { readonly code: string } }[];
}

describe('the state of the installation', () => {
  it('the state of the installation names stores, queues with their builds, counts, key ids and links', async () => {
    const { app, deps, operatorKey } = await composeApp({}, { connections: answering });
    await deps.ephemeral.put(ephemeralKeys.reconcile, counts, 600);
    const reply = await app.inject({ url: '/v1/system', headers: await operatorKey('operator:system') });
    expect(reply.json()).toMatchObject({
      stores: [
        { name: 'temporal', problem: null },
        { name: 'secret_store', problem: null },
        { name: 'ephemeral_store', problem: null },
      ],
      queues: [queue],
      upkeep: counts,
      keyRing: { seals: 'k1', opens: ['k1'], verifies: [] },
      temporalUi: { connection: 'http://ui.example:8233/namespaces/default/workflows/{id}' },
      unknown: [],
    });
    const [key = ''] = Object.values(keyRing.checkValues());
    expect(reply.body).not.toContain(key);
  });

  it('before the first reconciliation its counts are null, with where to look', async () => {
    const { app, operatorKey } = await composeApp({}, { connections: answering });
    const reply = await app.inject({ url: '/v1/system', headers: await operatorKey('operator:system') });
    expect(reply.json()).toMatchObject({
      upkeep: null,
      unknown: [{ part: 'upkeep', problem: { code: 'not_reconciled' } }],
    });
  });

  it('while Temporal and Redis are away the rest is told, and no address of theirs', async () => {
    const away = () => Promise.reject(temporalProblems.unavailable(new Error('temporal.internal:7233')));
    const down = () => Promise.reject(new EphemeralStoreUnavailable('redis.internal:6379'));
    const { deps } = await composeApp();
    const { app, operatorKey } = await composeApp(
      {},
      {
        connections: { ping: away, pollers: away } as unknown as ConnectionsGateway,
        ephemeral: { ...deps.ephemeral, ping: down, get: down },
      },
    );
    const reply = await app.inject({ url: '/v1/system', headers: await operatorKey('operator:system') });
    expect(reply.statusCode).toBe(200);
    const system = reply.json<System>();
    expect(system.stores.map(({ name, problem }) => [name, problem === null])).toEqual([
      ['temporal', false],
      ['secret_store', true],
      ['ephemeral_store', false],
    ]);
    expect(system.unknown.map(({ part }) => part).toSorted()).toEqual(['queues', 'upkeep']);
    expect(reply.body).not.toContain('.internal');
  });
});
