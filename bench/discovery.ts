import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anyFreePort } from '../scripts/dev/ports.ts';
import { startStack } from '../scripts/dev/stack.ts';
import { createCustomer } from '../test/support/customer.ts';

/** Three projects × 11 kinds at 200 ms an answer, one list after the other and several at once: the ratio of both. */
const LATENCY_MS = 200;
const LISTS_AT_ONCE = [1, 8];
const WITHIN_MS = 300_000;

async function measure(concurrency: number): Promise<number> {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'mooring-bench-'));
  const { PATH, HOME } = process.env;
  const stack = await startStack({
    stateDirectory,
    environment: { PATH, HOME, PORT: String(await anyFreePort()), DISCOVERY_CONCURRENCY: String(concurrency) },
    ports: { metrics: await anyFreePort(), sandbox: await anyFreePort(), temporal: await anyFreePort() },
  });
  try {
    const customer = createCustomer(stack.info());
    const { cloud, platform } = customer;
    // The sign-in is quick; only what lists ask for is slow.
    await cloud.change({ core: { latencyMs: { 'cloud.*': LATENCY_MS, 'dedicated.*': LATENCY_MS } } });
    const { connection } = await customer.onboard();
    const { discovery } = await platform.until(connection.id, (view) => view.discovery?.last != null, WITHIN_MS);
    const { lists, complete, startedAt, finishedAt } = discovery?.last ?? {};
    const tookMs = Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? '');
    console.log(`${concurrency} at once: ${complete} of ${lists} lists complete in ${(tookMs / 1000).toFixed(1)} s`);
    return tookMs;
  } finally {
    await stack.stop();
    await rm(stateDirectory, { recursive: true, force: true });
  }
}

const durations: number[] = [];
for (const concurrency of LISTS_AT_ONCE) durations.push(await measure(concurrency));
const [alone = 0, together = 1] = durations;
console.log(`${(alone / together).toFixed(1)} times faster`);
