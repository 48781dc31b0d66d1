import type { FastifyRequest } from 'fastify';
import { assertNever } from '../../contracts/assert-never.ts';
import type { ConnectionView } from '../../contracts/connection.ts';
import { missingForSignIn } from '../../providers/manifests/settings.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import type { ProviderCatalog, MethodOption } from '../connections/provider-catalog.ts';
import { missingAtWorkers } from '../connections/setup.ts';
import { audited } from '../http/plugins/audit.ts';
import { principalOfLink } from '../http/principal.ts';
import type { ConnectionsGateway } from '../temporal/gateway.ts';
import type { InvitationClaims } from './links.ts';
import type { Verified } from './signed-token.ts';

export type OpenedInvitation<C extends InvitationClaims = InvitationClaims> =
  | {
      readonly state: 'open';
      readonly claims: C;
      /** When the link expires, as its sender sees it. */
      readonly expiresAt: string;
      readonly view: ConnectionView;
      readonly option: MethodOption;
    }
  | ClosedInvitation;

export interface ClosedInvitation {
  readonly state: Exclude<InvitationState['state'], 'open'> | 'unknown' | 'unavailable';
  /** Whose link it was, where that is known. */
  readonly tenant?: string;
}

/** Makes all checks of a link, in order. Changes nothing. Rejects with `ApiProblem` when the state cannot be read. */
export async function openInvitation<C extends InvitationClaims>(
  deps: {
    readonly links: { open(token: string): Promise<Verified<C>> };
    readonly connections: ConnectionsGateway;
    readonly providers: ProviderCatalog;
    readonly ephemeral: Pick<EphemeralStore, 'get' | 'put'>;
  },
  request: FastifyRequest,
  token: string,
): Promise<OpenedInvitation<C>> {
  const verified = await deps.links.open(token);
  if (verified.outcome !== 'valid') return { state: verified.outcome === 'expired' ? 'expired' : 'unknown' };
  const { claims, expiresAt } = verified;
  const view = (await deps.connections.viewForLink(claims.c))?.view;
  if (!view) return { state: 'unknown' };
  const { tenant } = view;
  request.principal = principalOfLink({ tenant, connection: view.id, epoch: claims.e }, request.ip);
  audited(request, { connection: view.id });
  const { state } = invitationState(claims, view);
  const option = deps.providers.find(view.provider, view.region, view.method);
  if (state !== 'open' && !(state === 'in_progress' && mayReplace(option, view))) return { state, tenant };
  // The operator may have disabled the provider after the link was sent.
  const isUsable = option && !missingForSignIn(option.settings, option.region, option.method);
  if (!isUsable || (await missingAtWorkers(deps.ephemeral, option))) return { state: 'unavailable', tenant };
  return { state: 'open', claims, expiresAt, view, option };
}

/**
 * Submitted values that the cloud does not accept yet may contain a mistake. While they are still being tried, they can
 * be replaced.
 */
const mayReplace = (option: MethodOption | undefined, { verification }: ConnectionView): boolean =>
  option?.method.flow === 'form' && verification?.step === 'proof';

/** What a link can be used for now. */
export type InvitationState =
  | { readonly state: 'open' }
  /** A sign-in with it is being checked. */
  | { readonly state: 'in_progress' }
  | { readonly state: 'completed' }
  /** Its passcode was wrong too often. */
  | { readonly state: 'locked' }
  | { readonly state: 'replaced' }
  | { readonly state: 'expired' }
  | { readonly state: 'disconnected' };

/** Decides from the current view. The signature and the expiry of the link have been checked before. */
export function invitationState(claims: InvitationClaims, view: ConnectionView): InvitationState {
  const { invitation, status } = view;
  if (invitation?.epoch === claims.e && invitation.locked) return { state: 'locked' };
  switch (status) {
    case 'disconnecting':
    case 'disconnected':
      return { state: 'disconnected' };
    case 'expired':
      return { state: 'expired' };
    case 'stopped':
      return { state: 'replaced' };
    case 'verifying':
      return { state: invitation?.epoch === claims.e ? 'in_progress' : 'replaced' };
    case 'awaiting_customer':
      return { state: invitation?.epoch === claims.e ? 'open' : 'replaced' };
    case 'active':
    case 'degraded':
    case 'action_required':
    case 'paused':
      if (invitation?.epoch === claims.e) return { state: 'open' };
      return { state: invitation && invitation.epoch > claims.e ? 'replaced' : 'completed' };
    default:
      return assertNever(status);
  }
}
