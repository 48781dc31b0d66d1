import type { PlatformRoutes, ProviderManifest, RedirectMethodManifest } from '../../../providers/manifests/types.ts';
import type { ProviderCatalog } from '../../connections/provider-catalog.ts';

export interface PlatformWay {
  readonly manifest: ProviderManifest;
  readonly method: RedirectMethodManifest;
  readonly routes: PlatformRoutes;
  /** For operation ids. */
  readonly name: string;
}

/** The methods whose manifests give platforms addresses of their own. */
export const platformWays = ({ all }: ProviderCatalog): PlatformWay[] =>
  all.flatMap(({ manifest }) =>
    manifest.methods.flatMap((method) =>
      method.flow === 'redirect' && method.platformRoutes
        ? [{ manifest, method, routes: method.platformRoutes, name: nameOf(manifest.id, method.id) }]
        : [],
    ),
  );

const nameOf = (...ids: readonly string[]): string =>
  ids.join('_').replaceAll(/(?:^|[^a-z0-9]+)([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
