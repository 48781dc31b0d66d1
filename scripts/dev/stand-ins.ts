import type { ProviderManifest, RegionManifest } from '../../providers/manifests/types.ts';
import type { Environment } from '../../providers/manifests/settings.ts';

export interface SimulatedRegion {
  readonly manifest: ProviderManifest;
  readonly region: RegionManifest;
}

/** The regions for which the environment names no application of one's own: the sandbox plays them. */
export function simulatedRegions(manifests: readonly ProviderManifest[], environment: Environment): SimulatedRegion[] {
  return manifests.flatMap((manifest) =>
    manifest.regions.filter((region) => !isReal(manifest, region, environment)).map((region) => ({ manifest, region })),
  );
}

/**
 * Of all that the sandbox offers, the variables of the regions it plays. One that is set already stays as it is:
 * a real region is never half sandbox, and a person may point a single URL elsewhere.
 */
export function sandboxVariablesFor(
  regions: readonly RegionManifest[],
  offered: Readonly<Record<string, string>>,
  environment: Environment,
): Record<string, string> {
  const wanted = new Set(regions.flatMap((region) => [...urlVariables(region), ...settingVariables(region)]));
  return Object.fromEntries(Object.entries(offered).filter(([name]) => wanted.has(name) && !environment[name]));
}

/** By what a method can't work without; a region's name in somebody's shell alone names no application. */
function isReal(manifest: ProviderManifest, region: RegionManifest, environment: Environment): boolean {
  const required = manifest.methods.flatMap(({ requires, requiresUnless }) => [...requires, requiresUnless ?? '']);
  const deciding = region.settings['clientId'] ? ['clientId'] : required;
  const names = deciding.flatMap((role) => region.settings[role]?.names ?? []);
  return (names.length > 0 ? names : settingVariables(region)).some((name) => Boolean(environment[name]));
}

const urlVariables = (region: RegionManifest): string[] => Object.values(region.urls).map(({ variable }) => variable);

const settingVariables = (region: RegionManifest): string[] =>
  Object.values(region.settings).flatMap(({ names }) => [...names]);
