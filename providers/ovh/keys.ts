import { Type, type Static } from 'typebox';

import type { JsonObject } from '../../platform/json.ts';
import { maybe } from '../../platform/schema.ts';
import { Secret } from '../../platform/secret.ts';
import type { Problem } from '../../contracts/problem.ts';
import { readRecord } from '../preconditions.ts';
import type { ApplicationKeys } from './signature.ts';

const text = Type.String({ minLength: 1 });

/** What the record of a consumer key holds. */
const KeysRecordSchema = Type.Object({
  application_key: text,
  application_secret: text,
  /** Absent or empty until one was asked for. */
  consumer_key: maybe(Type.String()),
  /** Set while a key that was asked for waits for the customer, with the moment of asking in unix seconds. */
  validation_url: maybe(Type.String()),
  asked_at: maybe(Type.Number()),
});
export type KeysRecord = Static<typeof KeysRecordSchema>;

/** Throws `ProviderError` where the application key or its secret is missing. */
export const readKeys = (record: Secret<JsonObject>): KeysRecord =>
  readRecord(KeysRecordSchema, record, incomplete('the application key and its secret'));

export const keysOf = (record: {
  application_key: string;
  application_secret: string;
  consumer_key: string;
}): ApplicationKeys => ({
  applicationKey: new Secret(record.application_key),
  applicationSecret: new Secret(record.application_secret),
  consumerKey: new Secret(record.consumer_key),
});

export const incomplete = (what: string): Problem => ({
  code: 'submission_incomplete',
  message: `The submission lacks ${what}.`,
  remedy: 'Fill in the form again, with all that it asks for.',
});
