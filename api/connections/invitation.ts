import { Type, type Static } from 'typebox';
import type { ConnectionView } from '../../contracts/connection.ts';
import type { InvitationTerms } from '../../contracts/messages.ts';
import { ApiProblem } from '../http/problem.ts';
import { described } from '../http/schema.ts';
import type { InvitationLinks } from '../sign-in/links.ts';
import { guideOf, GuideSchema } from './guide.ts';
import type { ProviderCatalog } from './provider-catalog.ts';
import { connectionReply } from './reply.ts';
import { ConnectionSchema } from './schema.ts';

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 24 * HOUR_SECONDS;

/** The terms of a link. Only a keyed digest of the passcode leaves this process, inside the link. */
export const InvitationTermsSchema = Type.Object(
  {
    lifetimeSeconds: Type.Optional(
      Type.Integer({
        minimum: HOUR_SECONDS,
        maximum: 90 * DAY_SECONDS,
        default: 14 * DAY_SECONDS,
        description: 'How long the link can be used: an hour to 90 days.',
      }),
    ),
    passcode: Type.Optional(
      Type.String({
        minLength: 4,
        maxLength: 64,
        pattern: '^\\S+$',
        description: 'Must be typed on the page; send it by another way than the link.',
      }),
    ),
    confirm: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Nothing is used before you have confirmed the account that came in.',
      }),
    ),
  },
  { additionalProperties: false, description: 'The terms of the link.' },
);
export type InvitationTermsRequest = Static<typeof InvitationTermsSchema>;

const DEFAULT_LIFETIME_SECONDS = 14 * DAY_SECONDS;

export const InvitedSchema = Type.Object(
  {
    connection: described(ConnectionSchema),
    invitation: Type.Object({
      url: Type.String({ format: 'uri', description: 'For the customer. Whoever has it can complete it.' }),
      expiresAt: Type.String({ format: 'date-time' }),
    }),
    guide: Type.Union([described(GuideSchema), Type.Null()]),
  },
  { $id: 'Invited', description: 'A connection with the link that brings the customer’s account in.' },
);

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
  const option = providers.find(view.provider, view.region, view.method);
  return {
    connection: connectionReply(view),
    invitation: { url, expiresAt: link.expiresAt },
    guide: option ? guideOf(option, view.setup) : null,
  };
}
