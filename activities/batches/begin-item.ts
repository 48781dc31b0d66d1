import { FIRST_EPOCH } from '../../contracts/connection-view.ts';
import type { BatchTerms, ItemDetails, ItemPlace, SettledItem } from '../../contracts/batches.ts';
import type { ConnectionRef, ConnectionView } from '../../contracts/connection.ts';
import type { ConnectionInput } from '../../contracts/messages.ts';
import type { Problem } from '../../contracts/problem.ts';
import { Secret } from '../../platform/secret.ts';
import type { JsonObject } from '../../platform/json.ts';
import { batchTag, itemConnectionId } from '../../stores/batches/item-id.ts';
import { itemIn, partKey, type StoredItem } from '../../stores/batches/parts.ts';
import { newRecord } from '../../stores/secrets/credential-record.ts';
import { SecretStoreConflict, type SecretStore } from '../../stores/secrets/port.ts';
import { connectionsWithClaim } from '../claims.ts';
import { methodManifestOf, type ActivityDependencies } from '../dependencies.ts';
import { pendingKey } from '../records.ts';
import type { BatchConnections } from './ports.ts';

export type BeginDependencies = Pick<ActivityDependencies, 'secrets' | 'providers' | 'clock'> & {
  readonly connections: BatchConnections;
};

export interface Begun {
  /** Null = its connection is under way. */
  readonly settled: SettledItem['outcome'] | null;
  readonly details: ItemDetails;
}

/** The same for every attempt, so that a repeated one continues the first. */
const PENDING_REF = 'batch';
const LINK_LIFE_SECONDS = 14 * 24 * 3600;

/**
 * Starts the connection of an item and submits its values, as the API does for a single one. Each step can be repeated:
 * the worker may have been killed after any of them. Rejects where a store or Temporal does not answer.
 */
export async function beginItem(
  deps: BeginDependencies,
  batch: ConnectionRef,
  terms: BatchTerms,
  place: ItemPlace,
): Promise<Begun> {
  const id = itemConnectionId(batch.id, place.index);
  const item = await readItem(deps.secrets, batch, place);
  if (!item) return { settled: 'failed', details: { label: null, connection: null, problem: itemMissing } };
  const details = { label: item.label, connection: id, problem: null };
  const other = await connectedBefore(deps, { ...batch, id }, item);
  if (other !== undefined) {
    return { settled: 'already_connected', details: { ...details, connection: other, problem: alreadyConnected } };
  }
  const input = inputOf(batch, terms, id, item);
  const started = await deps.connections.start(input, labelsOf(deps, batch));
  if (started === 'exists' && !takesValues(await deps.connections.view(id))) return { settled: null, details };
  await storeValues(deps.secrets, input, item);
  const submitted = await deps.connections.submit(id, {
    tenant: batch.tenant,
    ...(terms.by && { by: terms.by }),
    requestId: `batch:${batch.id}:${place.index}`,
    epoch: FIRST_EPOCH,
    ref: PENDING_REF,
    deadlineSeconds: terms.deadlineSeconds,
  });
  return submitted.outcome === 'taken'
    ? { settled: null, details }
    : { settled: 'failed', details: { ...details, problem: submitted.problem } };
}

async function readItem(
  secrets: Pick<SecretStore, 'read'>,
  batch: ConnectionRef,
  { ref, part, position }: ItemPlace,
): Promise<StoredItem | undefined> {
  const stored = await secrets.read('pending', partKey(batch.id, ref, part));
  return itemIn(stored?.data.reveal(), position);
}

/** Another connection of this tenant that has exactly this. One of another tenant is told by the proof alone. */
async function connectedBefore(
  deps: BeginDependencies,
  connection: ConnectionRef,
  { fields }: StoredItem,
): Promise<string | undefined> {
  const method = methodManifestOf(deps, connection);
  const field = method?.flow === 'form' ? method.batch?.claimed : undefined;
  const claim = field === undefined ? undefined : fields[field];
  if (claim === undefined) return undefined;
  const holders = await connectionsWithClaim(deps.secrets, connection.tenant, claim);
  // An earlier attempt may have begun this item already.
  return holders.includes(connection.id) ? undefined : holders[0];
}

const labelsOf = (deps: BeginDependencies, batch: ConnectionRef) => ({
  providerName: deps.providers.get(batch.provider)?.manifest.name ?? batch.provider,
  methodName: methodManifestOf(deps, batch)?.name ?? batch.method,
});

function inputOf(batch: ConnectionRef, terms: BatchTerms, id: string, item: StoredItem): ConnectionInput {
  const { tenant, provider, region, method } = batch;
  return {
    id,
    tenant,
    provider,
    region,
    method,
    name: item.name ?? item.label.slice(0, LONGEST_NAME),
    tags: [...terms.tags, batchTag(batch.id)],
    setup: terms.setup,
    discovery: terms.discovery,
    // No link is given out: what comes in is what the tenant itself submitted with its key.
    invitation: { lifetimeSeconds: LINK_LIFE_SECONDS, passcodeRequired: false, confirm: false },
    ...(terms.by && { by: terms.by }),
  };
}

const LONGEST_NAME = 200;

/** False once the values were submitted: the connection proves them, has them, or has refused them. */
const takesValues = (view: ConnectionView | undefined): boolean =>
  view === undefined || (view.status === 'awaiting_customer' && view.problem === null);

async function storeValues(
  secrets: Pick<SecretStore, 'write'>,
  input: ConnectionInput,
  { fields }: StoredItem,
): Promise<void> {
  const { externalId } = input.setup;
  const record = new Secret<JsonObject>({
    ...fields,
    // From the batch, never from what was submitted.
    ...(externalId !== undefined && { external_id: externalId }),
    ...newRecord(input),
  });
  try {
    await secrets.write('pending', pendingKey(input.id, PENDING_REF), record, { cas: 0 });
  } catch (error) {
    // An earlier attempt has written the same.
    if (!(error instanceof SecretStoreConflict)) throw error;
  }
}

const itemMissing: Problem = {
  code: 'item_missing',
  message: 'The values of this item are no longer stored, so nothing of it was used.',
  remedy: 'Add the item to the batch again, and find out who removed it: the secret store keeps an audit log.',
};

const alreadyConnected: Problem = {
  code: 'already_connected',
  message: 'Another connection of this tenant has exactly this.',
  remedy: 'Use that connection. To connect it anew, disconnect that one first and add the item again.',
};
