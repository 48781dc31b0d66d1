import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../platform/clock.ts';
import type { Json } from '../../platform/json.ts';
import { KeyRing } from '../../platform/key-ring.ts';
import { createLogger } from '../../platform/logger.ts';
import { Secret } from '../../platform/secret.ts';
import { components } from '../../scripts/components/index.mjs';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import { createRedisEphemeralStore } from '../../stores/ephemeral/redis.ts';
import { createSealedEphemeralStore } from '../../stores/ephemeral/sealed.ts';
import { createSqliteEphemeralStore } from '../../stores/ephemeral/sqlite.ts';
import { createInventory } from '../../stores/inventory/inventory.ts';
import type { InventoryFilter, InventoryRow } from '../../stores/inventory/port.ts';
import { parseOptions } from '../support/options.ts';
import type { Cell } from '../support/report.ts';
import type { Scenario } from '../support/scenario.ts';
import { startRedis } from '../support/stack.ts';
import { quantile } from '../support/statistics.ts';

const RESOURCES = 20_000;
const PROJECTS = 4;
const PAGES = 200;
const BEGAN = '2026-01-01T00:00:00.000Z';

const filters: Record<string, InventoryFilter> = {
  'no filter': {},
  'a kind': { kind: 'instance' },
  'a region and a status': { region: 'SBG5', status: 'ERROR' },
  'a tag': { tag: 'team=red' },
  'a word that many have': { text: 'b3-16' },
  'a word that one has': { text: 'node-p2-4321' },
  'a word that none has': { text: 'no such word' },
};

/** The store of resources itself, in both of its forms. */
export const inventory: Scenario = {
  title: 'Pages of resources in their store',
  defaults: {},
  async run(args, say) {
    const options = parseOptions(args, {});
    const program = await components.redis.ensure({ log: say as () => void });
    const folder = await mkdtemp(join(tmpdir(), 'mooring-bench-'));
    const redis = await startRedis(program, folder);
    try {
      const path = join(folder, 'ephemeral.db');
      const keyRing = KeyRing.parse(KeyRing.generate());
      const stores = {
        SQLite: createSqliteEphemeralStore({ path, keyRing, clock: systemClock }),
        Redis: createSealedEphemeralStore({
          store: createRedisEphemeralStore({ url: new Secret(redis.url) }),
          keyRing,
          clock: systemClock,
          logger: createLogger('bench', 'silent'),
        }),
      };
      const columns: [string, ReadonlyMap<string, number | null>][] = [];
      for (const [name, store] of Object.entries(stores)) {
        say(`${name}: ${RESOURCES} resources.`);
        columns.push([name, await measure(store)]);
      }
      const labels = [...(columns[0]?.[1].keys() ?? [])];
      const table = {
        title: `${RESOURCES} resources of one connection; pages of 50, p95 of ${PAGES}`,
        columns: ['', ...columns.map(([name]) => `${name} ms`)],
        rows: labels.map((label): Cell[] => [label, ...columns.map(([, found]) => found.get(label) ?? null)]),
      };
      return { options, programs: { redis: program }, findings: { tables: [table], verdicts: [], notes: [] } };
    } finally {
      await redis.process.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function measure(ephemeral: EphemeralStore): Promise<ReadonlyMap<string, number | null>> {
  const connection = `bench-${randomUUID()}`;
  const found = new Map<string, number | null>();
  const writer = createInventory({ ephemeral, clock: systemClock });
  const writing = await timed(async () => {
    for (let n = 0; n < PROJECTS; n++) {
      const project = `p${n}`;
      await writer.replace({ connection, epoch: 1, kind: 'instance', project }, rows(project), 'cli', { since: BEGAN });
    }
  });
  found.set('writing them all', writing);
  const reader = createInventory({ ephemeral, clock: systemClock });
  const cold = async (): Promise<unknown> => await reader.page(connection, { text: 'none' }, null, 50);
  found.set('the first search of them all', await timed(cold));
  for (const [label, filter] of Object.entries(filters)) {
    const durations: number[] = [];
    let after: Json | null = null;
    for (let page = 0; page < PAGES; page++) {
      const one = async (): Promise<void> => void (after = (await reader.page(connection, filter, after, 50)).next);
      durations.push(await timed(one));
    }
    found.set(`a page: ${label}`, quantile(durations, 0.95));
  }
  await writer.drop(connection, 1);
  await ephemeral.close();
  return found;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function rows(project: string): InventoryRow[] {
  return Array.from({ length: RESOURCES / PROJECTS }, (_, n) => ({
    key: randomUUID(),
    kind: 'instance',
    project,
    id: randomUUID(),
    name: `node-${project}-${n}`,
    region: n % 2 === 0 ? 'GRA11' : 'SBG5',
    zone: null,
    status: n % 25 === 0 ? 'ERROR' : 'ACTIVE',
    createdAt: BEGAN,
    tags: { team: n % 7 === 0 ? 'red' : 'blue' },
    nativeType: 'instance',
    url: `https://eu.api.ovh.com/1.0/cloud/project/${project}/instance/${n}`,
    consoleUrl: `https://www.ovh.com/manager/#/public-cloud/pci/projects/${project}/instances/${n}`,
    source: 'cli',
    summary: { flavor: n % 3 === 0 ? 'b3-8' : 'b3-16', addresses: [`10.0.${n >> 8}.${n & 255}`] },
  }));
}
