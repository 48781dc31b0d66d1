import type { Scenario } from '../support/scenario.ts';
import { batch } from './batch.ts';
import { cold } from './cold.ts';
import { credentials } from './credentials.ts';
import { discovery } from './discovery.ts';
import { inventory } from './inventory.ts';
import { isolation } from './isolation.ts';
import { largeAccountsListed } from './large-accounts.ts';
import { onboard } from './onboard.ts';
import { outage } from './outage.ts';
import { resources } from './resources.ts';
import { upkeep } from './upkeep.ts';
import { wake } from './wake.ts';

/** Every benchmark, by the name it is run by, in the order of docs/performance.md. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  upkeep,
  wake,
  outage,
  isolation,
  onboard,
  batch,
  credentials,
  discovery,
  'large-accounts': largeAccountsListed,
  resources,
  inventory,
  cold,
};
