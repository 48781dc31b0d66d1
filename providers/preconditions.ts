import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';

import { type Problem, problems } from '../contracts/problem.ts';
import { ProviderError } from './provider.ts';
import type { JsonObject } from '../platform/json.ts';
import type { Secret } from '../platform/secret.ts';
import { missingFor, type ProviderSettings, type RegionSettings } from './manifests/settings.ts';

/** Nothing was asked of the cloud: what was submitted or stored can't be worked with. */
export const unusable = (problem: Problem): ProviderError =>
  new ProviderError({ class: 'user', problem, delivery: 'not_sent' });

/** Nothing was asked of the cloud: this installation is not set up for it. */
export const notConfigured = (problem: Problem): ProviderError =>
  new ProviderError({ class: 'config', problem, delivery: 'not_sent' });

/** Throws `ProviderError` with the problem where the stored record is not of the schema. */
export function readRecord<S extends TSchema>(
  schema: S,
  record: Secret<JsonObject>,
  otherwise: Problem = problems.credentialMissing,
): Static<S> {
  const stored = record.reveal();
  if (!Value.Check(schema, stored)) throw unusable(otherwise);
  return stored;
}

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
