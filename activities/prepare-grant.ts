import type { JsonObject } from '../platform/json.ts';
import { Secret } from '../platform/secret.ts';
import type { CredentialRecord } from '../stores/secrets/credential-record.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { withStoreErrors } from './failures.ts';
import { startDeadline } from '../platform/deadline.ts';
import type { AuthMethod, CallContext, Prepared } from '../providers/provider.ts';
import type { StoredRecord } from './records.ts';

/** Below the activity's 15 s, with what undoes it: a preparation must not go on beside the try that follows it. */
const PREPARATION_MS = 8_000;

/**
 * Makes what is kept out of what was submitted, where the method has to. What has served its purpose leaves the
 * record, and then every older version of it is destroyed; a try that was killed in between leaves a record that
 * needs no more preparation, so older versions are looked for each time. Throws `ProviderError`.
 */
export async function prepareGrant(
  { secrets }: Pick<ActivityDependencies, 'secrets'>,
  method: AuthMethod,
  submission: { readonly key: string; readonly stored: StoredRecord; readonly context: Omit<CallContext, 'record'> },
): Promise<StoredRecord> {
  if (!method.prepare) return submission.stored;
  const { key, stored, context } = submission;
  const prepared = await inTime(method.prepare.bind(method), context, stored);
  let current = stored;
  if (prepared) {
    const record = withPrepared(stored.record.reveal(), prepared);
    const write = () => secrets.write('pending', key, new Secret<JsonObject>(record), { cas: stored.version });
    current = { version: await withStoreErrors(write), record: new Secret(record) };
  }
  if (current.version > 1) await withStoreErrors(() => secrets.prune('pending', key, current.version));
  return current;
}

async function inTime(
  prepare: NonNullable<AuthMethod['prepare']>,
  context: Omit<CallContext, 'record'>,
  { record }: StoredRecord,
): Promise<Prepared | undefined> {
  const deadline = startDeadline(PREPARATION_MS);
  try {
    const signal = AbortSignal.any([context.signal, deadline.signal]);
    return await prepare({ ...context, signal, record: new Secret<JsonObject>(record.reveal()) });
  } finally {
    deadline.cancel();
  }
}

function withPrepared(record: CredentialRecord, { fields, dropped }: Prepared): CredentialRecord {
  const kept = Object.entries(record).filter(([name]) => !dropped.includes(name));
  return { ...Object.fromEntries(kept), ...fields.reveal(), mooring: record.mooring } as CredentialRecord;
}
