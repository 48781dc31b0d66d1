import type { ConnectionView } from '../../contracts/connection.ts';
import type { InvitationClaims } from './invitation-link.ts';

/** What a link is good for at present. */
export type InvitationState =
  | { readonly state: 'open' }
  /** A sign-in with it is being checked. */
  | { readonly state: 'in_progress' }
  | { readonly state: 'completed' }
  | { readonly state: 'replaced' }
  | { readonly state: 'expired' }
  | { readonly state: 'disconnected' };

/** Decides from the connection as it is now; the link's own signature and expiry have been checked before. */
export function invitationState(claims: InvitationClaims, view: ConnectionView): InvitationState {
  const { invitation, status } = view;
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

export function assertNever(value: never): never {
  throw new TypeError(`Unhandled case: ${String(value)}`);
}
