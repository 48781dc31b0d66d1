import { describe, expect, it } from 'vitest';
import type { ConnectionsGateway } from '../../../api/temporal/gateway.ts';
import type { QueuePollers } from '../../../api/temporal/pollers.ts';
import { temporalProblems } from '../../../api/temporal/problems.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import { gateKey } from '../../../stores/provider-states.ts';
import { SecretStoreUnavailable, type SecretStore } from '../../../stores/secrets/port.ts';
import { composeApp } from './composed-app.ts';

const polled: QueuePollers[] = [
  { queue: 'mooring', kind: 'workflow', pollers: 2, builds: ['7'] },
  { queue: 'mooring-sky', kind: 'activity', pollers: 1, builds: [] },
];
const counting = new Map();

const connectionsWith = (pollers: () => readonly QueuePollers[], ping: () => Promise<void> = async () => undefined) =>
  ({
    ping,
    pollers: async () => pollers(),
    countByStatus: async () => counting,
  }) as unknown as ConnectionsGateway;

interface Readiness {
  readonly status: string;
  readonly checks: readonly { readonly name: string; readonly ok: boolean }[];
}

describe('/readyz', () => {
  it('/readyz answers 200 while every store answers and every task queue is polled', async () => {
    const { app } = await composeApp({}, { connections: connectionsWith(() => polled) });
    const reply = await app.inject('/readyz');
    expect(reply.statusCode).toBe(200);
    expect(reply.json<Readiness>().checks.map(({ name, ok }) => [name, ok])).toEqual([
      ['temporal', true],
      ['secret_store', true],
      ['ephemeral_store', true],
      ['workers', true],
    ]);
  });

  it('/readyz answers 503 while a task queue has no worker, and only the log names the task queue', async () => {
    const idle = [...polled, { queue: 'mooring-sky-now', kind: 'activity' as const, pollers: 0, builds: [] }];
    const { app, log } = await composeApp({}, { connections: connectionsWith(() => idle) });
    const reply = await app.inject('/readyz');
    expect(reply.statusCode).toBe(503);
    expect(reply.json<Readiness>().checks.at(-1)).toEqual({ name: 'workers', ok: false });
    expect(reply.body).not.toContain('mooring-sky');
    expect(log()).toContain('No worker polls: mooring-sky-now (activity).');
  });

  it('/readyz shows no internal address: the error text of a library goes to the log', async () => {
    const address = 'http://vault.internal:8200';
    const ping = () =>
      Promise.reject(new SecretStoreUnavailable(`Vault at ${address} is sealed.`, { ambiguous: false }));
    const connections = connectionsWith(
      () => {
        throw new Error(`connect ECONNREFUSED ${address}`);
      },
      () => Promise.reject(temporalProblems.unavailable(new Error(address))),
    );
    const { app, log } = await composeApp({}, { connections, secrets: { ping } as unknown as SecretStore });
    const reply = await app.inject('/readyz');
    expect(reply.json<Readiness>().checks.map(({ ok }) => ok)).toEqual([false, false, true, false]);
    expect(reply.body).not.toContain('vault.internal');
    expect(log()).toContain(`Vault at ${address} is sealed.`);
  });

  it('a flood of requests to /readyz asks Temporal once a second, also while it does not answer', async () => {
    let pings = 0;
    const asked = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const ping = async (): Promise<void> => {
      pings += 1;
      asked.resolve();
      await release.promise;
    };
    const { app, clock } = await composeApp({}, { connections: connectionsWith(() => polled, ping) });
    const ask = async () => (await app.inject('/readyz')).statusCode;
    const waiting = Array.from({ length: 50 }, ask);
    await asked.promise;
    clock.advance(5);
    waiting.push(...Array.from({ length: 50 }, ask));
    release.resolve();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([200]));
    expect(pings).toBe(1);
    clock.advance(1);
    expect(await ask()).toBe(200);
    expect(await ask()).toBe(200);
    expect(pings).toBe(2);
    clock.advance(1);
    expect(await ask()).toBe(200);
    expect(pings).toBe(3);
  });
});

describe('/metrics of the API', () => {
  it('/metrics of the API reports the pollers of each queue and the counts of the last reconciliation', async () => {
    const { app, deps, operatorKey } = await composeApp({}, { connections: connectionsWith(() => polled) });
    const headers = await operatorKey('operator:metrics');
    const read = async (): Promise<string> => (await app.inject({ url: '/metrics', headers })).body;
    const before = await read();
    expect(before).toContain('mooring_task_queue_pollers{queue="mooring",kind="workflow"} 2');
    expect(before).not.toContain('mooring_connections_unwell{');
    const counts = { at: '2026-11-23T08:00:00.000Z', running: 9, late: 1, paused: 2, stuck: 3, stopped: 4 };
    await deps.ephemeral.put(ephemeralKeys.reconcile, counts, 600);
    const after = await read();
    expect(after).toContain('mooring_connections_unwell{state="stuck"} 3');
    expect(after).toContain('mooring_connections_unwell{state="stopped"} 4');
    expect(after).toContain('mooring_reconciled_timestamp_seconds 1795420800');
  });

  it('/metrics of the API says of each cloud whether calls to it are held', async () => {
    const { app, deps, operatorKey } = await composeApp({}, { connections: connectionsWith(() => polled) });
    const [cloud, other] = deps.providers.all.map(({ manifest }) => manifest);
    const problem = { code: 'cloud_unreachable', message: 'It does not answer.', remedy: 'Wait.' };
    const windows = { v: 1, failedProbes: 0, windowsFromMs: 0, windowMs: 1 };
    const gate = { ...windows, state: 'open', since: '2026-11-23T08:00:00.000Z', problem, probeAtMs: 0 };
    const key = gateKey(cloud?.id ?? '', cloud?.regions[0]?.id ?? '');
    await deps.ephemeral.put(ephemeralKeys.providerGate(key), gate, 600);
    const { body } = await app.inject({ url: '/metrics', headers: await operatorKey('operator:metrics') });
    expect(body).toContain(`mooring_provider_state{provider="${cloud?.id}",state="open"} 1`);
    expect(body).toContain(`mooring_provider_state{provider="${cloud?.id}",state="ok"} 0`);
    expect(body).toContain(`mooring_provider_state{provider="${other?.id}",state="open"} 0`);
    expect(body).toContain(`mooring_provider_state{provider="${other?.id}",state="ok"} 1`);
  });

  it('/metrics of the API omits the pollers but keeps the other metrics while Temporal does not answer', async () => {
    const connections = connectionsWith(() => {
      throw temporalProblems.unavailable(undefined);
    });
    const { app, operatorKey } = await composeApp({}, { connections });
    const { body } = await app.inject({ url: '/metrics', headers: await operatorKey('operator:metrics') });
    expect(body).not.toContain('mooring_task_queue_pollers{');
    expect(body).toContain('mooring_http_request_seconds');
  });
});
