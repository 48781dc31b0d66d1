import { createHash } from 'node:crypto';
import type { Actor } from '../../contracts/actor.ts';
import type { ConnectionInput, InvitationTerms } from '../../contracts/messages.ts';
import type { KeyRing } from '../../platform/key-ring.ts';
import { readableId } from '../../platform/readable-id.ts';
import type { AppDependencies } from '../http/app-types.ts';
import { apiProblems } from '../http/problem.ts';
import type { Started } from '../temporal/gateway.ts';
import type { StartLabels } from '../../platform/temporal/connection-start.ts';
import type { InvitationTermsRequest } from './invitation.ts';
import type { MethodOption } from './provider-catalog.ts';
import { connectionSetup } from './setup.ts';

export interface StartRequest {
  readonly tenant: string;
  readonly by: Actor;
  readonly option: MethodOption;
  readonly name: string | null;
  readonly tags: readonly string[];
  /** As the caller gave it. */
  readonly invitation: InvitationTermsRequest | undefined;
  /** The same with what was left out. */
  readonly terms: InvitationTerms;
  /** False: the account's resources are never listed. True: they are, where the method can list. */
  readonly discovers: boolean;
  readonly idempotencyKey: string | undefined;
  /** What else the request is recognised by when it is repeated. May hold a secret. */
  readonly bound?: string;
}

type Dependencies = Pick<
  AppDependencies,
  'connections' | 'ephemeral' | 'keyRing' | 'randomBytes' | 'config' | 'quotas' | 'searchDigests'
>;

/** Starts a connection, or returns the one that the same request started before. Throws `ApiProblem`. */
export async function startConnection(deps: Dependencies, request: StartRequest): Promise<Started> {
  const { connections, keyRing, randomBytes, config } = deps;
  const { tenant, option, idempotencyKey: key } = request;
  const { intervalSeconds, concurrency } = config.discovery;
  const input: ConnectionInput = {
    id: key === undefined ? randomConnectionId(randomBytes) : connectionIdFor(tenant, key),
    tenant,
    provider: option.manifest.id,
    region: option.region.manifest.id,
    method: option.method.id,
    name: request.name,
    tags: request.tags,
    invitation: request.terms,
    setup: await connectionSetup(deps, option),
    discovery: option.method.discovers && request.discovers ? { intervalSeconds, concurrency } : null,
    by: request.by,
  };
  const canonical = canonicalRequest(input, request);
  // Temporal forgets an ended connection after its retention. The tombstone prevents that its id is used again.
  const ended = key === undefined ? undefined : await connections.ended(tenant, input.id);
  const labels = { providerName: option.manifest.name, methodName: option.method.name };
  const started = ended ?? (await startWithin(deps, request, input, digestRequest(keyRing, canonical), labels));
  if (!started.created) {
    assertSameRequest(started, input, (digest) => isSameRequest(keyRing, digest, canonical));
  }
  return started;
}

/**
 * Starts it unless the tenant has as many connections as it may have. The repeat of a request that has started its
 * connection is answered all the same.
 */
async function startWithin(
  { quotas, connections, searchDigests }: Dependencies,
  { tenant, idempotencyKey }: StartRequest,
  input: ConnectionInput,
  digest: string,
  labels: StartLabels,
): Promise<Started> {
  const giveBack = await quotas.connection(tenant).catch(async (error: unknown) => {
    if (idempotencyKey === undefined) throw error;
    await connections.assertOwned(tenant, input.id).catch(() => {
      throw error;
    });
    return () => undefined;
  });
  let isCreated = false;
  try {
    const digests = await searchDigests.connection(tenant, { name: input.name, account: null });
    const started = await connections.start(input, digest, labels, digests);
    isCreated = started.created;
    return started;
  } finally {
    if (!isCreated) giveBack();
  }
}

/**
 * The request with its defaults filled in, so that a repeat which states a default is the same request. But not the
 * tenant's own default: the tenant may change it between the two.
 */
function canonicalRequest(input: ConnectionInput, { invitation, discovers, bound }: StartRequest): DigestedRequest {
  const { tenant, provider, region, method, name, tags } = input;
  const terms = { ...input.invitation, confirm: invitation?.confirm ?? null };
  const passcode = invitation?.passcode ?? null;
  return {
    open: JSON.stringify([tenant, provider, region, method, name, tags, terms, discovers]),
    secret: passcode === null && bound === undefined ? null : JSON.stringify([passcode, bound ?? null]),
  };
}

function assertSameRequest(
  started: Started,
  input: ConnectionInput,
  matches: (digest: string) => boolean | undefined,
): void {
  const { request, view } = started;
  const same =
    (request && matches(request.digest)) ??
    (view.provider === input.provider && view.region === input.region && view.method === input.method);
  if (!same) throw apiProblems.idempotencyKeyReused();
}

export const randomConnectionId = (randomBytes: (size: number) => Buffer): string =>
  readableId('con_', randomBytes(17));

/**
 * The same tenant and key always give the same id, so that a repeated request cannot start a second connection. A plain
 * hash, because it must survive key rotation, and an id is not secret.
 */
export const connectionIdFor = (tenant: string, idempotencyKey: string): string =>
  readableId('con_', createHash('sha256').update(`connection|${tenant}|${idempotencyKey}`).digest());

const VERSION = '1';

/** What identifies a request, so that its repeat is recognised. */
export interface DigestedRequest {
  /** What every reader of the connection may see. JSON. */
  readonly open: string;
  /** What must not be found by guessing: a passcode, a session key. Null when there is none. JSON. */
  readonly secret: string | null;
}

/**
 * Identifies a repeated request: `1.{hash}` or `1.{hash}.{key id}.{keyed digest}`. It is kept as long as the
 * connection, which is longer than any key of the ring. So only guessable values are digested with a key; the rest is
 * hashed, and can still be compared when that key is gone.
 */
export function digestRequest(keyRing: KeyRing, { open, secret }: DigestedRequest): string {
  const parts = [VERSION, hash(open)];
  if (secret !== null) parts.push(keyRing.currentKeyId, keyRing.digest('invitation', secret));
  return parts.join('.');
}

/**
 * Whether the digest was made from this request. When its key is gone, only the public part is compared. Undefined when
 * it is not a valid digest.
 */
export function isSameRequest(
  keyRing: KeyRing,
  digest: string,
  { open, secret }: DigestedRequest,
): boolean | undefined {
  const [version, hashed, keyId, keyed] = digest.split('.');
  if (version !== VERSION || hashed === undefined) return undefined;
  if (hashed !== hash(open)) return false;
  if (keyId === undefined || keyed === undefined) return secret === null;
  if (secret === null) return false;
  return keyRing.matchesUnder(keyId, 'invitation', secret, keyed) ?? true;
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
