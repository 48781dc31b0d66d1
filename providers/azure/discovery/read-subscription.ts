import type { Problem } from '../../../contracts/problem.ts';
import type { ListFailure, Loss } from '../../listing/lister.ts';
import { ProviderError } from '../../provider.ts';
import type { AzureType } from '../manifest/resource-types.ts';
import { listByArm } from './arm-lists.ts';
import { attempted, type Arm } from './arm.ts';
import { failureOf } from './errors.ts';
import { queryResources } from './resource-graph.ts';

/** What was read of a subscription, before rows are made of it. */
export type SubscriptionRead = {
  readonly source: string;
  readonly notice: Problem | null;
} & (
  | {
      readonly outcome: 'read';
      readonly resources: readonly unknown[];
      /** Why not all of them came, whatever their type. */
      readonly loss: Loss | null;
      readonly typeLosses: readonly { readonly type: AzureType; readonly loss: Loss }[];
    }
  /** The account may not read the subscription at all. */
  | { readonly outcome: 'denied'; readonly failure: ListFailure }
);

const SOURCE_GRAPH = 'resource-graph';
const SOURCE_ARM = 'arm';

/** By Resource Graph; where that is refused or unavailable, by Azure Resource Manager, whose answer then counts. */
export async function readSubscription(
  arm: Arm,
  subscription: string,
  wanted: readonly AzureType[],
): Promise<SubscriptionRead> {
  const graph = await attempted(async () => await queryResources(arm, subscription));
  if (!(graph instanceof ProviderError)) {
    const { rows: resources, loss } = graph;
    return { source: SOURCE_GRAPH, notice: null, outcome: 'read', resources, loss, typeLosses: [] };
  }
  // A limit of requests is waited for, not gone around; and where nothing was sent, nothing else can be sent either.
  if (graph.problem.code === 'cloud_rate_limited' || graph.delivery === 'not_sent') throw graph;
  const lists = await attempted(async () => await listByArm(arm, subscription, wanted, graph));
  if (!(lists instanceof ProviderError)) {
    const { resources, losses: typeLosses } = lists;
    return { source: SOURCE_ARM, notice: graph.problem, outcome: 'read', resources, loss: null, typeLosses };
  }
  const failure = failureOf(lists);
  if (failure.denied === null) throw lists;
  return { source: SOURCE_ARM, notice: null, outcome: 'denied', failure };
}
