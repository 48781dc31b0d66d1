/**
 * - `key`       an API key of a tenant, by its id
 * - `person`    somebody who is signed in to Mooring
 * - `customer`  the holder of an invitation link, by the connection and the epoch of the link
 * - `operator`  who runs the installation: a key without a tenant, or the path token of the codec
 * - `system`    Mooring itself
 */
export const actorKinds = ['key', 'person', 'customer', 'operator', 'system'] as const;
export type ActorKind = (typeof actorKinds)[number];

/** Who asked for something. `id` names the actor within its kind, and is never a secret. */
export interface Actor {
  readonly kind: ActorKind;
  readonly id: string;
}

/** The holder of the link with this epoch: Mooring knows the link, and not the person. */
export const customerOf = (connectionId: string, epoch: number): Actor => ({
  kind: 'customer',
  id: `${connectionId}/${epoch}`,
});
