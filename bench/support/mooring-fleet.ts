import { setTimeout as pause } from 'node:timers/promises';
import { EMPTY_ACCOUNT } from './accounts.ts';
import { expectedEndMs, type Fleet } from './fleet.ts';
import { startProduct, type Product } from './product.ts';
import { spaces, type Stack } from './stack.ts';
import { findStoredCredentials } from './stored-credentials.ts';
import { createTemporalView } from './temporal-view.ts';
import { eachAtOnce, waitFor } from './wait.ts';

/** Onboardings under way at a time. */
const AT_ONCE = 32;
const LOOK_EVERY_MS = 250;
/** Generous: with a slow machine, or a slow build of the product, it takes as long as it takes. */
const STUCK_AFTER_MS = 120_000;
const FAILURES_AT_MOST = 200;

export interface MooringFleet extends Fleet {
  readonly product: Product;
}

/** How a connection is brought in by a sign-in, and what the cloud is called. */
export interface SignIn {
  readonly provider: string;
  readonly region: string;
  readonly account: string;
  /** Whether the account's resources are listed. */
  readonly discover: boolean;
}

export const ovhSignIn: SignIn = { provider: 'ovh', region: 'ovh-eu', account: EMPTY_ACCOUNT, discover: true };

/** The built product, with connections that come in through its API as customers' do. */
export async function startMooringFleet(
  stack: Stack,
  options: { readonly workers: number; readonly settings?: Readonly<Record<string, string>> },
  signIn: SignIn = ovhSignIn,
): Promise<MooringFleet> {
  const product = await startProduct(stack, options);
  const temporal = createTemporalView(stack.client(spaces.product));
  const ids: string[] = [];
  return {
    name: 'Mooring',
    space: spaces.product,
    ids,
    product,
    async grow(to, expectEnd = () => {}) {
      const added = await onboardMany({ product, temporal, signIn, count: to - ids.length, expectEnd });
      ids.push(...added);
      await waitFor('discoveries to end', async () => (await temporal.runningDiscoveries()) === 0, STUCK_AFTER_MS);
    },
    async expired(asked) {
      const stored = await findStoredCredentials(stack, asked[0] ?? '');
      let expired = 0;
      await eachAtOnce(asked, 8, async (id) => {
        const expiresAt = await stored.expiresAt(id);
        if (expiresAt !== null && expiresAt * 1000 < Date.now()) expired += 1;
      });
      return expired;
    },
    processes: () => product.processes(),
    workerPids: () => product.workerPids(),
    stopWorkers: async () => await product.stopWorkers(),
    startWorkers: async () => await product.startWorkers(),
    stop: async () => await product.stop(),
  };
}

/**
 * Onboards so many at a bounded concurrency. Whether they are active is asked of Temporal for all of them at once: a
 * request for each connection would be most of the load. Answers their ids.
 */
export async function onboardMany(work: {
  readonly product: Product;
  readonly temporal: ReturnType<typeof createTemporalView>;
  readonly signIn: SignIn;
  readonly count: number;
  readonly atOnce?: number;
  /** How often the count is asked for, and with it how soon the next one begins. */
  readonly lookEveryMs?: number;
  readonly expectEnd?: (atMs: number) => void;
}): Promise<string[]> {
  const {
    product,
    temporal,
    signIn,
    count,
    atOnce = AT_ONCE,
    lookEveryMs = LOOK_EVERY_MS,
    expectEnd = () => {},
  } = work;
  const { provider, region, account, discover } = signIn;
  const startedAtMs = Date.now();
  const before = await temporal.activeConnections(provider);
  const ids: string[] = [];
  const failures: unknown[] = [];
  let begun = 0;
  let active = 0;
  let changedAtMs = startedAtMs;

  const begin = (): void => {
    begun += 1;
    product.customer.onboard({ provider, region, discover }, { account }).then(
      ({ connection }) => ids.push(connection.id),
      (error: unknown) => {
        failures.push(error);
        begun -= 1;
      },
    );
  };
  while (active < count || ids.length < count) {
    for (let free = Math.min(count - begun, atOnce - (begun - active)); free > 0; free--) begin();
    await pause(lookEveryMs);
    const now = (await temporal.activeConnections(provider)) - before;
    if (now !== active) changedAtMs = Date.now();
    active = now;
    expectEnd(expectedEndMs({ startedAtMs, nowMs: Date.now(), done: active, total: count }));
    if (failures.length > FAILURES_AT_MOST || Date.now() - changedAtMs > STUCK_AFTER_MS) break;
  }
  if (active < count) {
    throw new Error(`Only ${active} of ${count} connections became active; ${failures.length} onboardings failed.`, {
      cause: failures.at(-1),
    });
  }
  return ids;
}
