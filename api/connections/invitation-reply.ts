import type { Static } from 'typebox';
import type { ConnectionView } from '../../contracts/connection.ts';
import type { InvitationTerms } from '../../contracts/messages.ts';
import { connectionReply } from './reply.ts';
import { guideOf } from './guide.ts';
import { ApiProblem } from '../http/problem.ts';
import type { ProviderCatalog } from './provider-catalog.ts';
import { DEFAULT_LIFETIME_SECONDS, type InvitationTermsRequest, type InvitedSchema } from './invitation-schema.ts';
import type { InvitationLinks } from '../sign-in/invitation-link.ts';

interface ReplyDependencies {
  readonly links: InvitationLinks;
  readonly providers: Pick<ProviderCatalog, 'find'>;
}

/** The terms as the workflow keeps them: it never learns the passcode. */
export function invitationTerms(request: InvitationTermsRequest = {}): InvitationTerms {
  return {
    lifetimeSeconds: request.lifetimeSeconds ?? DEFAULT_LIFETIME_SECONDS,
    passcodeRequired: request.passcode !== undefined,
    confirm: request.confirm ?? false,
  };
}

/** A connection with the link of its open invitation. */
export async function openInvitationReply(
  deps: ReplyDependencies,
  view: ConnectionView,
  passcode: string | undefined,
): Promise<Static<typeof InvitedSchema>> {
  const { invitation } = view;
  if (invitation) return await invitationReply(deps, view, { ...invitation, passcode });
  throw new ApiProblem({
    status: 409,
    code: 'no_open_invitation',
    message: `The connection is ${view.status} and has no open invitation any more.`,
    remedy: 'Make a new one: POST /v1/connections/{id}/invitation, or …/reauthorize once it has been connected.',
  });
}

export async function invitationReply(
  { links, providers }: ReplyDependencies,
  view: ConnectionView,
  link: { readonly epoch: number; readonly expiresAt: string; readonly passcode: string | undefined },
): Promise<Static<typeof InvitedSchema>> {
  const url = await links.url({ ...link, connection: view.id });
  const way = providers.find(view.provider, view.region, view.method);
  return {
    connection: connectionReply(view),
    invitation: { url, expiresAt: link.expiresAt },
    guide: way ? guideOf(way, view.setup) : null,
  };
}
