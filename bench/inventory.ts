import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../platform/clock.ts';
import { KeyRing } from '../platform/key-ring.ts';
import type { Json } from '../platform/json.ts';
import { Secret } from '../platform/secret.ts';
import type { EphemeralStore } from '../stores/ephemeral/port.ts';
import { createRedisEphemeralStore } from '../stores/ephemeral/redis.ts';
import { createSqliteEphemeralStore } from '../stores/ephemeral/sqlite.ts';
import { createInventory } from '../stores/inventory/inventory.ts';
import type { InventoryFilter, InventoryRow } from '../stores/inventory/port.ts';

/** Pages of 50 from a connection with 20,000 resources: `REDIS_URL=… node --experimental-strip-types bench/inventory.ts`. */
const RESOURCES = 20_000;
const PROJECTS = 4;
const PAGES = 200;
const connection = `bench-${randomUUID()}`;

const filters: Record<string, InventoryFilter> = {
  'no filter': {},
  'a kind': { kind: 'instance' },
  'a region and a status': { region: 'SBG5', status: 'ERROR' },
  'a word that many have': { text: 'b3-16' },
  'a word that one has': { text: 'node-p2-4321' },
  'a word that none has': { text: 'no such word' },
};

function rows(project: string): InventoryRow[] {
  return Array.from({ length: RESOURCES / PROJECTS }, (_, n) => ({
    key: randomUUID(),
    kind: 'instance',
    project,
    id: randomUUID(),
    name: `node-${project}-${n}`,
    region: n % 2 === 0 ? 'GRA11' : 'SBG5',
    status: n % 25 === 0 ? 'ERROR' : 'ACTIVE',
    url: `https://eu.api.ovh.com/1.0/cloud/project/${project}/instance/${n}`,
    source: 'cli',
    summary: { flavor: n % 3 === 0 ? 'b3-8' : 'b3-16', addresses: [`10.0.${n >> 8}.${n & 255}`] },
  }));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

async function measure(name: string, ephemeral: EphemeralStore): Promise<void> {
  const writer = createInventory({ ephemeral, clock: systemClock });
  const write = await timed(async () => {
    for (let n = 0; n < PROJECTS; n++) {
      const project = `p${n}`;
      await writer.replace({ connection, epoch: 1, kind: 'instance', project }, rows(project), 'cli');
    }
  });
  const reader = createInventory({ ephemeral, clock: systemClock });
  const cold = await timed(async () => await reader.page(connection, { text: 'none' }, null, 50));
  console.log(`${name}: written in ${write.toFixed(0)} ms, first search of it all ${cold.toFixed(0)} ms`);
  for (const [label, filter] of Object.entries(filters)) {
    const durations: number[] = [];
    let after: Json | null = null;
    for (let page = 0; page < PAGES; page++) {
      durations.push(
        await timed(async () => {
          after = (await reader.page(connection, filter, after, 50)).next;
        }),
      );
    }
    const p95 = durations.sort((a, b) => a - b)[Math.ceil(PAGES * 0.95) - 1] ?? 0;
    console.log(`  ${label.padEnd(22)} p95 ${p95.toFixed(1)} ms`);
  }
  await writer.drop(connection, 1);
  await ephemeral.close();
}

const folder = await mkdtemp(join(tmpdir(), 'mooring-bench-'));
const path = join(folder, 'ephemeral.db');
const keyRing = KeyRing.parse(KeyRing.generate());
await measure('SQLite', createSqliteEphemeralStore({ path, keyRing, clock: systemClock }));
const url = process.env['REDIS_URL'];
if (url) await measure('Redis', createRedisEphemeralStore({ url: new Secret(url) }));
await rm(folder, { recursive: true, force: true });
