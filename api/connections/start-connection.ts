import type { ConnectionInput } from '../../contracts/messages.ts';
import type { AppDependencies } from '../http/app-types.ts';
import { connectionSetup } from './connection-setup.ts';
import type { Started } from '../temporal/gateway.ts';
import { connectionIdFor, randomConnectionId } from './connection-id.ts';
import { invitationTerms } from './invitation-reply.ts';
import { apiProblems } from '../http/problem.ts';
import type { Way } from './provider-catalog.ts';
import { digestRequest, isSameRequest, type DigestedRequest } from './request-digest.ts';
import type { InvitationTermsRequest } from './invitation-schema.ts';

export interface StartRequest {
  readonly tenant: string;
  readonly way: Way;
  readonly name: string | null;
  readonly tags: readonly string[];
  readonly invitation: InvitationTermsRequest | undefined;
  readonly idempotencyKey: string | undefined;
  /** What else the request is recognised by when it is repeated. May hold a secret. */
  readonly bound?: string;
}

type Dependencies = Pick<AppDependencies, 'connections' | 'ephemeral' | 'keyRing' | 'randomBytes' | 'config'>;

/** Starts a connection, or answers the one that this very request has started before. Throws `ApiProblem`. */
export async function startConnection(deps: Dependencies, request: StartRequest): Promise<Started> {
  const { connections, keyRing, randomBytes, config } = deps;
  const { tenant, way, idempotencyKey: key } = request;
  const { intervalSeconds, concurrency } = config.discovery;
  const input: ConnectionInput = {
    id: key === undefined ? randomConnectionId(randomBytes) : connectionIdFor(tenant, key),
    tenant,
    provider: way.manifest.id,
    region: way.region.manifest.id,
    method: way.method.id,
    name: request.name,
    tags: request.tags,
    invitation: invitationTerms(request.invitation),
    setup: await connectionSetup(deps, way),
    discovery: way.method.discovers ? { intervalSeconds, concurrency } : null,
  };
  const canonical = canonicalRequest(input, request);
  // Temporal forgets a connection that has ended; its tombstone does not, so that no id is begun a second time.
  const ended = key === undefined ? undefined : await connections.ended(tenant, input.id);
  const started =
    ended ??
    (await connections.start(input, digestRequest(keyRing, canonical), {
      providerName: way.manifest.name,
      methodName: way.method.name,
    }));
  if (!started.created) {
    assertSameRequest(started, input, (digest) => isSameRequest(keyRing, digest, canonical));
  }
  return started;
}

/** The request with its defaults filled in: a repeat that spells one out is the same request. */
function canonicalRequest(input: ConnectionInput, { invitation, bound }: StartRequest): DigestedRequest {
  const { tenant, provider, region, method, name, tags, invitation: terms } = input;
  const passcode = invitation?.passcode ?? null;
  return {
    open: JSON.stringify([tenant, provider, region, method, name, tags, terms]),
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
