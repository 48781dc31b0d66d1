import type { Inventory } from '../stores/inventory/port.ts';
import type { DiscoveryActivities } from '../contracts/discovery.ts';
import { keeping } from './discovery/try-list.ts';

interface Dependencies {
  readonly inventory: Inventory;
}

/** Drops what was found in the account; a list that is still under way can write nothing afterwards. */
export function createDropInventory({ inventory }: Dependencies): DiscoveryActivities['dropInventory'] {
  return async ({ connection, epoch }) => await keeping(async () => await inventory.drop(connection.id, epoch));
}
