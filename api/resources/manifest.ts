import type { ConnectionRef } from '../../contracts/connection.ts';
import type { DiscoveryManifest, MethodManifest, ResourceKind } from '../../providers/manifests/types.ts';
import type { ProviderCatalog } from '../connections/provider-catalog.ts';

/** What the manifest of a connection's cloud says of its resources. */
export interface ListedByManifest {
  readonly discovery: DiscoveryManifest | undefined;
  /** Undefined where this installation does not know the method (any more). */
  readonly method: MethodManifest | undefined;
}

export function listedByManifest(
  providers: Pick<ProviderCatalog, 'all'>,
  { provider, method }: Pick<ConnectionRef, 'provider' | 'method'>,
): ListedByManifest {
  const manifest = providers.all.find((settings) => settings.manifest.id === provider)?.manifest;
  return { discovery: manifest?.discovery, method: manifest?.methods.find(({ id }) => id === method) };
}

/** What people call the kind, in the plural; e.g. `load_balancer` as "load balancer" where the manifest has none. */
export const labelOf = (discovery: DiscoveryManifest | undefined, kind: string): string =>
  kindOf(discovery, kind)?.label ?? kind.replaceAll('_', ' ');

const kindOf = (discovery: DiscoveryManifest | undefined, kind: string): ResourceKind | undefined =>
  discovery?.kinds.find(({ id }) => id === kind);

/** Why connections of this method never list the kind. Undefined where they can. */
export function cannotList({ method }: ListedByManifest, kind: string): string | undefined {
  if (method && !method.discovers) return 'Resources are not listed with credentials of this method.';
  return method?.cannotList?.[kind];
}
