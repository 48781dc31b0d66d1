import type { ConnectionView } from '../../workflows/contracts/connection.ts';
import { asRedirect, type ProviderCatalog, type RedirectWay } from '../provider-catalog.ts';
import type { ConnectionsGateway } from '../connections-gateway.ts';
import type { InvitationClaims } from './invitation-link.ts';
import { invitationState, type InvitationState } from './invitation-state.ts';
import type { Verified } from './signed-token.ts';

export type OpenedInvitation<C extends InvitationClaims = InvitationClaims> =
  | {
      readonly state: 'open';
      readonly claims: C;
      /** The link's own end, as its sender was told. */
      readonly expiresAt: string;
      readonly view: ConnectionView;
      readonly way: RedirectWay;
    }
  | { readonly state: Exclude<InvitationState['state'], 'open'> | 'unknown' | 'unavailable' };

/** Everything that a link must pass, in order. Changes nothing. Rejects with `ApiProblem` where nobody can say. */
export async function openInvitation<C extends InvitationClaims>(
  deps: {
    readonly links: { open(token: string): Promise<Verified<C>> };
    readonly connections: ConnectionsGateway;
    readonly providers: ProviderCatalog;
    readonly publicUrl: string;
  },
  token: string,
): Promise<OpenedInvitation<C>> {
  const verified = await deps.links.open(token);
  if (verified.outcome !== 'valid') return { state: verified.outcome === 'expired' ? 'expired' : 'unknown' };
  const { claims, expiresAt } = verified;
  const view = (await deps.connections.viewForLink(claims.c))?.view;
  if (!view) return { state: 'unknown' };
  const { state } = invitationState(claims, view);
  if (state !== 'open') return { state };
  const found = deps.providers.find(view.provider, view.region, view.method);
  const way = found && asRedirect(found, deps.publicUrl);
  // The operator may have switched a connector off while its links were out.
  if (!way?.settings.enabled || way.region.values['clientId'] === undefined) return { state: 'unavailable' };
  return { state, claims, expiresAt, view, way };
}
