import type { DiscoveryActivities } from '../workflows/contracts/discovery.ts';
import { EphemeralStoreUnavailable } from '../stores/ephemeral/port.ts';
import type { Inventory } from '../stores/inventory/port.ts';
import { problems } from '../workflows/contracts/problem.ts';
import { notYet } from './failures.ts';

interface Dependencies {
  readonly inventory: Inventory;
}

/** Drops what was found in the account; a list that is still under way can write nothing afterwards. */
export function createDropInventory({ inventory }: Dependencies): DiscoveryActivities['dropInventory'] {
  return async ({ connection, epoch }) => {
    try {
      await inventory.drop(connection.id, epoch);
    } catch (error) {
      if (error instanceof EphemeralStoreUnavailable) throw notYet(problems.ephemeralStoreUnavailable);
      throw error;
    }
  };
}
