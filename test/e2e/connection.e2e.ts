import { afterAll, beforeAll, describe } from 'vitest';
import { createCustomer, type Customer } from '../support/customer.ts';
import { credentials } from './connection/credentials.e2e.ts';
import { ending } from './connection/ending.e2e.ts';
import { invitations } from './connection/invitations.e2e.ts';
import { list } from './connection/list.e2e.ts';
import { onboarding } from './connection/onboarding.e2e.ts';
import { operators } from './connection/operators.e2e.ts';
import { troubles } from './connection/troubles.e2e.ts';
import type { World } from './support/world.ts';

/** What the parts of the suite work with; only inside tests and hooks. */
export interface InWorld<W extends World = World> {
  readonly world: () => W;
  readonly customer: () => Customer;
}

const START_WITHIN_MS = 180_000;
const TEST_WITHIN_MS = 60_000;

/**
 * What a connection is to everybody who meets it, whichever stores are beneath: the same guarantees in every world.
 * `more` adds what only one of them can promise.
 */
export function connectionLife<W extends World>(
  start: () => Promise<W>,
  more: (inWorld: InWorld<W>) => void = () => {},
) {
  let world: W | undefined;
  let customer: Customer | undefined;
  const started = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('The world has not started.');
    return part;
  };
  const inWorld: InWorld<W> = { world: () => started(world), customer: () => started(customer) };

  beforeAll(async () => {
    world = await start();
    customer = createCustomer(world.running);
  }, START_WITHIN_MS);
  afterAll(async () => await world?.stop(), START_WITHIN_MS);

  // Each test has connections of its own, and faults only in a region that no other one uses.
  describe.concurrent('a connection', { timeout: TEST_WITHIN_MS }, () => {
    onboarding(inWorld);
    invitations(inWorld);
    credentials(inWorld);
    troubles(inWorld);
    list(inWorld);
    operators(inWorld);
    ending(inWorld);
  });
  more(inWorld);
}
