import { Context } from '@temporalio/activity';
import { EphemeralStoreUnavailable } from '../stores/ephemeral/port.ts';
import type { Inventory } from '../stores/inventory/port.ts';
import type { DiscoveryActivities } from '../contracts/discovery.ts';
import { problems } from '../contracts/problem.ts';
import type { DiscoveryStarter } from './dependencies.ts';
import { notYet } from './failures.ts';

interface Dependencies {
  readonly starter: Pick<DiscoveryStarter, 'start'>;
  readonly inventory: Pick<Inventory, 'pass'>;
}

const TRIES = 3;

/** For those who ask for a discovery; one that is due is started by `startIfDue`. */
export function createStartDiscovery({ starter, inventory }: Dependencies): DiscoveryActivities['startDiscovery'] {
  return async (input) => {
    const outcome = await starter.start(input);
    if (outcome === 'started' || Context.current().info.attempt >= TRIES) return outcome;
    // One that has recorded its end and has yet to close would not list again for this one.
    if (await isOver(inventory, input.connection.id)) throw notYet(problems.discoveryCloses, 1);
    return outcome;
  };
}

async function isOver(inventory: Dependencies['inventory'], connection: string): Promise<boolean> {
  try {
    return (await inventory.pass(connection))?.finishedAt != null;
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    return false;
  }
}
