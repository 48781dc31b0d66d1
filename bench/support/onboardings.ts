import { setTimeout as pause } from 'node:timers/promises';
import type { SignIn } from './mooring-fleet.ts';
import type { Product } from './product.ts';

/** One onboarding as its customer lives it. */
export interface Onboarding {
  /** From the request that makes the connection until it shows as active; null where that failed. */
  readonly totalMs: number | null;
  /** From the cloud's redirect on. */
  readonly fromCallbackMs: number | null;
  readonly id: string | null;
  /** What the API said instead. */
  readonly failure: string | null;
}

const ACTIVE_WITHIN_MS = 60_000;

/** Onboards one connection. Never rejects. */
export async function onboardOne(product: Product, signIn: SignIn, lookEveryMs: number): Promise<Onboarding> {
  const { customer } = product;
  const { provider, region, account, discover } = signIn;
  const startedAt = performance.now();
  try {
    const { connection, invitation } = await customer.platform.invite({ provider, region, discover });
    const signedIn = await customer.signIn(invitation.url, { account });
    const redirectedAt = performance.now();
    await signedIn.arrive();
    while ((await customer.platform.get(connection.id)).status !== 'active') {
      if (performance.now() - redirectedAt > ACTIVE_WITHIN_MS) throw new Error('It was not active within a minute.');
      await pause(lookEveryMs);
    }
    const now = performance.now();
    return { totalMs: now - startedAt, fromCallbackMs: now - redirectedAt, id: connection.id, failure: null };
  } catch (error) {
    return { totalMs: null, fromCallbackMs: null, id: null, failure: (error as Error).message };
  }
}

/** Begins one each 1/`perSecond` seconds, whether or not earlier ones have ended; in turns of the ways given. */
export async function onboardSteadily(
  product: Product,
  ways: readonly SignIn[],
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<Onboarding[]> {
  const lookEveryMs = 50;
  const all: Promise<Onboarding>[] = [];
  const startedAt = performance.now();
  for (let n = 0; n < perSecond * seconds; n++) {
    await pause(Math.max(0, startedAt + (n / perSecond) * 1000 - performance.now()));
    const way = ways[n % ways.length];
    if (way) all.push(onboardOne(product, way, lookEveryMs));
  }
  return await Promise.all(all);
}

export const measuredOnly = (values: readonly (number | null)[]): number[] =>
  values.filter((value): value is number => value !== null);
