import { Value } from 'typebox/value';

import type { InventoryRow } from '../../../stores/inventory/port.ts';
import type { KindListing, Listing, Loss } from '../../listing/lister.ts';
import { named } from '../problems.ts';
import { SubscriptionSchema, type Subscription } from '../schema.ts';
import type { Arm } from './arm.ts';
import { consoleUrl } from './console-url.ts';
import { noticed } from './errors.ts';
import { readArmPages } from './pages.ts';
import { othersNotEnabled, rowUnreadable } from './problems.ts';

export const SUBSCRIPTION = 'subscription';
const SOURCE_ARM = 'arm';
export const API_VERSION = '2022-12-01';

/** Resources of these can be read; `Warned` and `PastDue` have a bill to pay. */
const READABLE = ['enabled', 'warned', 'pastdue'];

export const isReadable = ({ state }: Pick<Subscription, 'state'>): boolean => READABLE.includes(state.toLowerCase());

/** Every subscription that the account has a role on. What is not enabled is told, and nothing is listed of it. */
export async function listSubscriptions(arm: Arm): Promise<Listing> {
  const pages = await readArmPages(arm, `/subscriptions?api-version=${API_VERSION}`);
  const losses: Loss[] = pages.loss ? [pages.loss] : [];
  const rows = new Map<string, InventoryRow>();
  const others: Subscription[] = [];
  for (const [index, row] of pages.rows.entries()) {
    if (!Value.Check(SubscriptionSchema, row)) {
      losses.push(noticed(`${SUBSCRIPTION} ${index + 1}`, 'config', rowUnreadable(index + 1)));
    } else if (isReadable(row)) {
      rows.set(row.subscriptionId.toLowerCase(), rowOf(arm, row));
    } else {
      others.push(row);
    }
  }
  const kind: KindListing = { kind: SUBSCRIPTION, outcome: 'listed', rows: [...rows.values()], losses };
  const shown = named(others, ({ displayName, state }) => `${displayName} (${state})`);
  return { kinds: [kind], source: SOURCE_ARM, notice: others.length > 0 ? othersNotEnabled(shown) : null };
}

function rowOf(arm: Arm, { subscriptionId, displayName, state, tags }: Subscription): InventoryRow {
  return {
    key: subscriptionId.toLowerCase(),
    kind: SUBSCRIPTION,
    project: null,
    id: subscriptionId,
    name: displayName || subscriptionId,
    region: null,
    zone: null,
    status: state.toLowerCase(),
    createdAt: null,
    tags: tags ?? {},
    nativeType: 'microsoft.resources/subscriptions',
    url: null,
    consoleUrl: consoleUrl(arm, `/subscriptions/${subscriptionId}`),
    source: SOURCE_ARM,
    summary: arm.tenant === null ? {} : { tenantId: arm.tenant },
  };
}
