import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection as TemporalConnection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../api/connections/schema.ts';
import { createCustomer, type Customer } from '../support/customer.ts';
import { eventually } from '../support/eventually.ts';
import { readCommand } from './run/options.ts';
import { findPrograms, type Programs } from './run/stack/programs.ts';
import { startStack, type ChaosStack } from './run/stack/stack.ts';

/** Renewed every 36 seconds at most, so that every connection is renewed between the backup and the loss. */
const LIFE_SECONDS = 45;
const RENEWED_WITHIN_MS = 90_000;
/** A connection that ended from outside is looked at twice, and the second time by another run. */
const RECONCILED_WITHIN_MS = 120_000;

const found = await findPrograms();

/** What docs/operations.md says about backup and restore, done to the stores of a running installation, in turn. */
describe.skipIf('missing' in found)('a store that is restored to an older state', { timeout: 400_000 }, () => {
  let folder: string;
  let stack: ChaosStack;
  let customer: Customer;
  let temporal: TemporalConnection;
  /** By what happened to it after the backup. */
  let renewed: string;
  let renewedWithoutRotation: string;
  let disconnected: string;
  let connected: string;
  let vaultSnapshot: Uint8Array<ArrayBuffer>;
  let generationAtBackup: number;

  const get = async (id: string): Promise<Connection> => await customer.platform.get(id);
  const generation = async (id: string): Promise<number> => (await get(id)).credential?.generation ?? 0;
  const google = { provider: 'gcp', region: 'global', method: 'authorization_code' };

  const copyTemporal = async (from: string, to: string): Promise<void> => {
    const files = (await readdir(from)).filter((name) => name.startsWith('temporal.db'));
    for (const name of files) await cp(join(from, name), join(to, name));
  };
  /** Stops a server, does something to its files, and starts it again. */
  const offline = async (name: string, work: () => Promise<void>): Promise<void> => {
    await stack.child(name).stop();
    await work();
    await stack.child(name).start();
  };
  /** Runs the schedule until something holds: in production it runs every five minutes. */
  const reconciledUntil = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
    const client = new Client({ connection: temporal, namespace: stack.namespace });
    await eventually(
      what,
      async () => {
        if (await holds()) return true;
        await client.schedule.getHandle('mooring-reconcile').trigger();
        await eventually(`${what}, or a run of reconcile`, async () => {
          const { info } = await client.schedule.getHandle('mooring-reconcile').describe();
          return info.runningActions.length === 0;
        });
        return false;
      },
      RECONCILED_WITHIN_MS,
    );
  };
  const inLive = async (): Promise<readonly string[]> => {
    const { mount, asRoot } = stack.vault.prepared;
    const { body } = await asRoot('LIST', `${mount}/metadata/live`);
    return (body['data'] as { keys: string[] }).keys.map((key) => key.replace('/', ''));
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mooring-restore-'));
    const { options } = readCommand([], null);
    const { programs } = found as { programs: Programs };
    stack = await startStack(programs, { ...options, lifeSeconds: LIFE_SECONDS }, folder);
    const { apiKey, cloud, product } = stack;
    customer = createCustomer({ api: product.api, apiKey, sandbox: cloud.url });
    temporal = await TemporalConnection.connect({ address: `127.0.0.1:${stack.temporal.port}` });
    renewed = (await customer.connect()).id;
    renewedWithoutRotation = (await customer.connect(google, { account: 'ada@lindqvist.example' })).id;
    disconnected = (await customer.connect()).id;

    generationAtBackup = await generation(renewed);
    vaultSnapshot = await stack.vault.snapshot();
    await mkdir(join(folder, 'backup'));
    await offline('temporal', async () => await copyTemporal(folder, join(folder, 'backup')));
    await stack.heal();

    connected = (await customer.connect()).id;
    await customer.platform.call('DELETE', `/v1/connections/${disconnected}`);
    await customer.platform.until(disconnected, 'disconnected', 60_000);
    for (const id of [renewed, renewedWithoutRotation]) {
      await customer.platform.until(
        id,
        ({ credential }) => (credential?.generation ?? 0) > generationAtBackup + 1,
        RENEWED_WITHIN_MS,
      );
    }
  }, 400_000);

  afterAll(async () => {
    await temporal.close();
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }, 120_000);

  test('Temporal restored to an older state loses no token: what was renewed since goes on from Vault', async () => {
    const before = await generation(renewed);
    await offline('temporal', async () => await copyTemporal(join(folder, 'backup'), folder));
    await stack.heal();
    await customer.platform.until(
      renewed,
      (connection) => (connection.credential?.generation ?? 0) > before,
      RENEWED_WITHIN_MS,
    );
    expect(await get(renewed)).toMatchObject({ status: 'active', problem: null });
  });

  test('a connection that came in after the backup of Temporal is started as stopped, and recovers', async () => {
    const isStopped = async () => (await get(connected).catch(() => null))?.status === 'stopped';
    await reconciledUntil('the connection to be stopped', isStopped);
    await customer.platform.call('POST', `/v1/connections/${connected}/recover`);
    expect(await customer.platform.until(connected, 'active', 60_000)).toMatchObject({ problem: null });
  });

  test('a connection that was disconnected after the backup of Temporal finds no credential, and can be ended again', async () => {
    const { problem } = await customer.platform.until(disconnected, 'action_required', RENEWED_WITHIN_MS);
    expect(problem?.code).toBe('credential_missing');
    await customer.platform.call('DELETE', `/v1/connections/${disconnected}`);
    await customer.platform.until(disconnected, 'disconnected', 60_000);
  });

  test('Vault restored to an older snapshot serves API and workers again, with the keys of the Vault that was saved', async () => {
    expect(await inLive()).not.toContain(disconnected);
    await stack.vault.restore(vaultSnapshot);
    await stack.heal();
    expect(await inLive()).toContain(disconnected);
    expect(await inLive()).not.toContain(connected);
  });

  test('a refresh token that its cloud keeps goes on after the restore of Vault', async () => {
    const { expiresAt } = (await get(renewedWithoutRotation)).credential ?? expect.fail();
    const isLater = ({ credential }: Connection) => (credential?.expiresAt ?? '') > (expiresAt ?? '');
    const after = await customer.platform.until(renewedWithoutRotation, isLater, RENEWED_WITHIN_MS);
    expect(after.status).toBe('active');
  });

  test('a refresh token that its cloud has replaced since is refused after the restore of Vault, and a person must act', async () => {
    const { problem } = await customer.platform.until(renewed, 'action_required', RENEWED_WITHIN_MS);
    expect(problem?.code).toBe('invalid_grant');
  });

  test('a connection that came in after the snapshot of Vault says that its credential is missing', async () => {
    const { problem } = await customer.platform.until(connected, 'action_required', RENEWED_WITHIN_MS);
    expect(problem?.code).toBe('credential_missing');
  });

  test('what a snapshot of Vault brings back of a disconnected connection is destroyed by reconciliation', async () => {
    await reconciledUntil('it to be gone from Vault', async () => !(await inLive()).includes(disconnected));
    expect((await get(disconnected)).status).toBe('disconnected');
  });

  test('an empty Redis loses no connection, and the audit record says that it was cut off', async () => {
    await offline(
      'redis',
      async () => await rm(join(folder, 'redis'), { recursive: true }).then(() => mkdir(join(folder, 'redis'))),
    );
    await stack.heal();
    const path = `/v1/connections/${renewedWithoutRotation}/credentials`;
    expect(await customer.platform.call('GET', path)).toMatchObject({
      credential: { access_token: expect.any(String) as string },
    });
    await customer.connect();
    await eventually('the record to say so', async () => {
      const { items } = await customer.platform.call<{ items: { action: string }[] }>('GET', '/v1/audit');
      return items.some(({ action }) => action === 'auditCutOff');
    });
    expect(await customer.platform.call('GET', '/v1/audit/verify')).toMatchObject({ ok: true });
  });
});
