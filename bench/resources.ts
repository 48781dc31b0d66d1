import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anyFreePort } from '../scripts/dev/ports.ts';
import { startStack } from '../scripts/dev/stack.ts';
import { createCustomer } from '../test/support/customer.ts';

/**
 * Pages of 50 out of a connection with 20,000 resources, over HTTP beside an idle stack, as a ratio to the API's
 * cheapest authenticated answer in the same run: `node --experimental-strip-types bench/resources.ts`.
 */
const INSTANCES_PER_PROJECT = 6_700;
const REQUESTS = 200;
const WITHIN_MS = 600_000;

const stateDirectory = await mkdtemp(join(tmpdir(), 'mooring-bench-'));
const { PATH, HOME } = process.env;
const stack = await startStack({
  stateDirectory,
  // Listed over the REST API: how the rows came in makes no difference to how they are read.
  environment: { PATH, HOME, PORT: String(await anyFreePort()), OVHCLOUD_PATH: '/nowhere/ovhcloud' },
  ports: { metrics: await anyFreePort(), sandbox: await anyFreePort(), temporal: await anyFreePort() },
});
try {
  const customer = createCustomer(stack.info());
  const { cloud, platform } = customer;
  for (const { id } of await cloud.ovh.projects()) await cloud.ovh.resize(id, { instance: INSTANCES_PER_PROJECT });
  const { id } = (await customer.onboard()).connection;
  const { discovery } = await platform.until(id, (view) => view.discovery?.last != null, WITHIN_MS);
  console.log(`${discovery?.last?.resources} resources`);

  const p95 = async (label: string, request: () => Promise<unknown>): Promise<number> => {
    const durations: number[] = [];
    for (let n = 0; n < REQUESTS; n++) {
      const startedAt = performance.now();
      await request();
      durations.push(performance.now() - startedAt);
    }
    const found = durations.sort((a, b) => a - b)[Math.ceil(REQUESTS * 0.95) - 1] ?? 0;
    console.log(`${label.padEnd(26)} p95 ${found.toFixed(1)} ms`);
    return found;
  };
  const baseline = await p95('providers (baseline)', async () => await platform.call('GET', '/v1/providers'));
  const queries = {
    'no filter': '',
    'a kind': '&kind=instance',
    'a region': '&region=GRA11',
    'a word that many have': '&text=active',
    'a word that none has': '&text=nosuchword',
  };
  for (const [label, query] of Object.entries(queries)) {
    let cursor: string | null = null;
    const page = async (): Promise<void> => {
      const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const path = `/v1/connections/${id}/resources?limit=50${query}${after}`;
      cursor = (await platform.call<{ nextCursor: string | null }>('GET', path)).nextCursor;
    };
    const found = await p95(label, page);
    console.log(`${''.padEnd(26)} ${(found / baseline).toFixed(1)} times the baseline`);
  }
} finally {
  await stack.stop();
  await rm(stateDirectory, { recursive: true, force: true });
}
