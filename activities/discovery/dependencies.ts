import type { Inventory } from '../../stores/inventory/port.ts';
import type { Slots } from '../../platform/slots.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { startDeadline } from '../../platform/deadline.ts';

/** What the activities of a discovery are made of. */
export interface DiscoveryDependencies extends Pick<
  ActivityDependencies,
  'secrets' | 'ephemeral' | 'providers' | 'clock' | 'logger' | 'discovery'
> {
  readonly inventory: Inventory;
  /** One for each list under way in this process. */
  readonly listSlots: Slots;
  readonly startDeadline?: typeof startDeadline;
}
