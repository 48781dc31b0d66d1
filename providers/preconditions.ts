import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';

import type { Clock } from '../platform/clock.ts';
import type { JsonObject } from '../platform/json.ts';
import type { Secret } from '../platform/secret.ts';
import { problems, type Problem } from '../contracts/problem.ts';
import type { Http } from './http/http.ts';
import { missingFor, type NotReady, type ProviderSettings, type RegionSettings } from './manifests/settings.ts';
import type { RegionManifest } from './manifests/types.ts';
import { ProviderError } from './provider.ts';

/** What the methods of a cloud that is called over HTTP are made of. */
export interface MethodDependencies {
  readonly settings: ProviderSettings;
  readonly http: Http;
  readonly clock: Clock;
}

/** Nothing was asked of the cloud: what was submitted or stored cannot be worked with. */
export const unusable = (problem: Problem): ProviderError =>
  new ProviderError({ class: 'user', problem, delivery: 'not_sent' });

/** Nothing was asked of the cloud: this installation is not set up for it. */
export const notConfigured = (problem: Problem): ProviderError =>
  new ProviderError({ class: 'config', problem, delivery: 'not_sent' });

/** The stored record by its schema. Throws `ProviderError` with the problem where it is not of the schema. */
export function parseRecord<S extends TSchema>(
  schema: S,
  record: Secret<JsonObject>,
  otherwise: Problem = problems.credentialMissing,
): Static<S> {
  const stored = record.reveal();
  if (!Value.Check(schema, stored)) throw unusable(otherwise);
  return stored;
}

/**
 * A region that a method can be used in. Throws `ProviderError` of class `config` where it is unknown or not configured;
 * `notReady` may say more than the variables that are missing.
 */
export function openRegion(
  settings: ProviderSettings,
  regionId: string,
  methodId: string,
  notReady: (missing: NotReady, region: RegionManifest) => Problem = (missing) => missing,
): RegionSettings {
  const { manifest, regions } = settings;
  const region = regions.get(regionId);
  if (!region) throw notConfigured(unknownRegion(manifest.regionWord, regionId, [...regions.keys()]));
  const method = manifest.methods.find(({ id }) => id === methodId);
  const missing = method && missingFor(settings, region, method);
  if (missing) throw notConfigured(notReady(missing, region.manifest));
  return region;
}

const unknownRegion = (word: string, given: string, known: readonly string[]): Problem => ({
  code: 'unknown_region',
  message: `Invalid ${word} '${given}'. Must be one of: ${known.join(', ')}`,
  remedy: `Create the connection again with one of these ${word}s.`,
});
