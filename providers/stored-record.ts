import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';

import type { JsonObject } from '../platform/json.ts';
import type { Secret } from '../platform/secret.ts';
import { problems, type Problem } from '../contracts/problem.ts';
import { unusable } from './http/unsent.ts';

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
