import type { Problem } from '../contracts/problem.ts';
import { missingFor, type ProviderSettings, type RegionSettings } from './manifests/settings.ts';
import { notConfigured } from './http/unsent.ts';

/** A region that a method can be used in. Throws `ProviderError` of class `config` where it is none. */
export function openRegion(
  settings: ProviderSettings,
  regionId: string,
  methodId: string,
  unknown: (given: string, known: readonly string[]) => Problem,
): RegionSettings {
  const region = settings.regions.get(regionId);
  if (!region) throw notConfigured(unknown(regionId, [...settings.regions.keys()]));
  const method = settings.manifest.methods.find(({ id }) => id === methodId);
  const missing = method && missingFor(settings, region, method);
  if (missing) throw notConfigured(missing);
  return region;
}
