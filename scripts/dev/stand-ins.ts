import type { ProviderManifest, RegionManifest } from '../../providers/manifests/types.ts';
import type { Environment } from '../../providers/manifests/settings.ts';
import { programStandIns } from '../../sandbox/programs.ts';

export interface SimulatedRegion {
  readonly manifest: ProviderManifest;
  readonly region: RegionManifest;
}

/** The regions that the sandbox simulates: those for which the environment names no application. */
export function simulatedRegions(manifests: readonly ProviderManifest[], environment: Environment): SimulatedRegion[] {
  return manifests.flatMap((manifest) =>
    manifest.regions.filter((region) => !isReal(manifest, region, environment)).map((region) => ({ manifest, region })),
  );
}

/** A program that behaves like a cloud's own. */
export interface StandInProgram {
  /** Of the cloud's own program. */
  readonly name: string;
  readonly variable: string;
  readonly path: string;
}

/**
 * Builds the stand-ins for the clouds' own programs. A cloud with one real region needs the real program, and so does
 * one whose variable is set.
 */
export async function buildStandInPrograms(
  manifests: readonly ProviderManifest[],
  environment: Environment,
): Promise<StandInProgram[]> {
  const wanted = manifests
    .filter((manifest) => simulatedRegions([manifest], environment).length === manifest.regions.length)
    .flatMap(({ programs = [] }) => programs)
    .filter(({ variable }) => !environment[variable]);
  const built = wanted.map(async ({ name, variable }) => {
    const path = await programStandIns[name]?.();
    return path === undefined ? [] : [{ name, variable, path }];
  });
  return (await Promise.all(built)).flat();
}

/**
 * The sandbox's variables for the regions that it simulates. A variable that is set already is left out: a real region
 * is never half simulated, and a developer may point a single URL elsewhere.
 */
export function sandboxVariablesFor(
  regions: readonly RegionManifest[],
  offered: Readonly<Record<string, string>>,
  environment: Environment,
): Record<string, string> {
  const wanted = new Set(regions.flatMap((region) => [...urlVariables(region), ...settingVariables(region)]));
  return Object.fromEntries(Object.entries(offered).filter(([name]) => wanted.has(name) && !environment[name]));
}

/** Decided by the settings that a method requires. A region's name in the shell alone is not an application. */
function isReal(manifest: ProviderManifest, region: RegionManifest, environment: Environment): boolean {
  const required = manifest.methods.flatMap(({ requires, requiresUnless }) => [...requires, requiresUnless ?? '']);
  const deciding = region.settings['clientId'] ? ['clientId'] : required;
  const names = deciding.flatMap((role) => region.settings[role]?.names ?? []);
  return (names.length > 0 ? names : settingVariables(region)).some((name) => Boolean(environment[name]));
}

const urlVariables = (region: RegionManifest): string[] => Object.values(region.urls).map(({ variable }) => variable);

const settingVariables = (region: RegionManifest): string[] =>
  Object.values(region.settings).flatMap(({ names }) => [...names]);
