import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection as TemporalConnection } from '@temporalio/client';
import type { Connection } from '../../../api/connections/schema.ts';
import type { Stack } from '../../../scripts/dev/lifecycle.ts';
import { anyFreePort } from '../../../scripts/dev/ports.ts';
import { startStack } from '../../../scripts/dev/stack.ts';
import { createDataConverter } from '../../../platform/temporal/data-converter.ts';
import { discoveryWorkflowId } from '../../../contracts/ids.ts';
import { readKeyRing } from '../../chaos/support/stack-stores.ts';
import { replayEverything } from '../../support/replay-everything.ts';
import { createCustomer, type Customer } from '../../support/customer.ts';

export interface DiscoveryStack extends Customer {
  readonly stack: Stack;
  readonly ports: { readonly metrics: number };
  /** Connects Ada, who has three projects, and waits for what was found. */
  discovered(withinMs?: number): Promise<Connection>;
  /** Asks for another discovery, and waits for what it found. */
  discoverAgain(id: string): Promise<Connection>;
  /** What Temporal says of its newest discovery. */
  discoveryOf(id: string): Promise<string>;
  /** Replays every history that there is so far. */
  replay(): ReturnType<typeof replayEverything>;
  close(): Promise<void>;
}

/** The stack of `npm start` with the stand-in for ovhcloud; `settings` goes into its environment. */
export async function startDiscoveryStack(settings: Readonly<Record<string, string>> = {}): Promise<DiscoveryStack> {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'mooring-discovery-'));
  const ports = { metrics: await anyFreePort(), sandbox: await anyFreePort(), temporal: await anyFreePort() };
  const stack = await startStack({
    stateDirectory,
    environment: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: String(await anyFreePort()),
      ...settings,
    },
    ports,
  });
  const customer = createCustomer(stack.info());
  return {
    ...customer,
    stack,
    ports,
    async discovered(withinMs = 60_000) {
      const { id } = await customer.connect();
      return await customer.platform.until(id, isDiscovered, withinMs);
    },
    async discoverAgain(id) {
      const before = (await customer.platform.get(id)).discovery?.last?.finishedAt;
      await customer.platform.call('POST', `/v1/connections/${id}/discover`);
      const isNew = (now: Connection) => isDiscovered(now) && now.discovery?.last?.finishedAt !== before;
      return await customer.platform.until(id, isNew, 60_000);
    },
    async discoveryOf(id) {
      const connection = await TemporalConnection.connect({ address: stack.info().temporal });
      try {
        const dataConverter = createDataConverter(readKeyRing(stateDirectory), true);
        const handle = new Client({ connection, dataConverter }).workflow.getHandle(discoveryWorkflowId(id));
        return (await handle.describe()).status.name;
      } finally {
        await connection.close();
      }
    },
    async replay() {
      const keyRing = readKeyRing(stateDirectory);
      return await replayEverything({ address: stack.info().temporal, namespace: 'default', keyRing });
    },
    async close() {
      await stack.stop();
      await rm(stateDirectory, { recursive: true, force: true });
    },
  };
}

export const isDiscovered = ({ discovery }: Connection): boolean =>
  discovery?.running === null && discovery.last !== null;

/** Runs of ovhcloud's list commands that ask the API at this address. */
export async function programRuns(endpoint: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const read = async (pid: string, file: string) => await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  const isRun = async (pid: string) =>
    (await read(pid, 'cmdline')).includes('ovhcloud.mjs') && (await read(pid, 'environ')).includes(endpoint);
  const found = await Promise.all(pids.map(async (pid) => ((await isRun(pid)) ? [Number(pid)] : [])));
  return found.flat();
}
