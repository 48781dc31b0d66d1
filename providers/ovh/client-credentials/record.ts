import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';

import type { JsonObject } from '../../../platform/json.ts';
import { maybe } from '../../../platform/schema.ts';
import type { Secret } from '../../../platform/secret.ts';
import { parseRecord, unusable } from '../../preconditions.ts';
import { keysOf, type ApplicationKeys } from '../client/signature.ts';
import { incomplete, projectInvalid } from '../problems.ts';
import { ApplicationKeysSchema } from '../schema.ts';
import type { Access } from './service-account.ts';

const text = Type.String({ minLength: 1 });

/** A service account that is there. */
const AccountRecordSchema = Type.Object({
  client_id: text,
  client_secret: text,
  /** Present once a token was minted: the account has worked. */
  access_token: Type.Optional(Type.String()),
  /** Unix seconds of the moment that Mooring made it; absent where the customer did. */
  made_at: Type.Optional(Type.Number()),
  /** The projects that Mooring's policy grants. */
  projects: Type.Optional(Type.Array(Type.String())),
});
export type AccountRecord = Static<typeof AccountRecordSchema>;

const CreationSchema = Type.Object({
  ...ApplicationKeysSchema.properties,
  project_ids: text,
  access: maybe(Type.String()),
});

/** What a service account is to be made with, and for. */
export interface Creation {
  readonly keys: ApplicationKeys;
  readonly projects: readonly string[];
  readonly access: Access;
}

/** The fields that the account is made with. They are not kept. */
export const setupKeys = ['application_key', 'application_secret', 'consumer_key'] as const;

const isCreation = (stored: JsonObject): boolean => setupKeys.some((field) => stored[field] !== undefined);

/** Undefined where an account is there already. Throws `ProviderError` where something is missing. */
export function readCreation(record: Secret<JsonObject>): Creation | undefined {
  const stored = record.reveal();
  if (!isCreation(stored)) return undefined;
  if (!Value.Check(CreationSchema, stored)) {
    throw unusable(incomplete('one of the three keys, or the projects that the service account is for'));
  }
  const projects = [...new Set(stored.project_ids.split(/[\s,;]+/).filter((id) => id !== ''))];
  // They become parts of URNs, where a star or another separator would widen what is granted.
  const stranger = projects.find((id) => !/^[0-9a-f]{32}$/.test(id));
  if (stranger !== undefined || projects.length === 0) throw unusable(projectInvalid(stranger ?? ''));
  return { keys: keysOf(stored), projects, access: stored.access === 'manage' ? 'manage' : 'read' };
}

/** The keys alone, as far as they are still there: what an unfinished creation is undone with. */
export function readSetupKeys(record: Secret<JsonObject>): ApplicationKeys | undefined {
  const stored = record.reveal();
  return Value.Check(ApplicationKeysSchema, stored) ? keysOf(stored) : undefined;
}

export const readAccount = (record: Secret<JsonObject>): AccountRecord =>
  parseRecord(AccountRecordSchema, record, incomplete('the client ID and client secret of a service account'));
