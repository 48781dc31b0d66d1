import { Type, type Static } from 'typebox';
import type { ConnectionView } from '../../contracts/connection.ts';
import type { InvitationTerms } from '../../contracts/messages.ts';
import type { KeyRing } from '../../platform/key-ring.ts';
import type { Tenants } from '../../stores/tenants.ts';
import { ApiProblem } from '../http/problem.ts';
import { described } from '../http/schema.ts';
import type { InvitationLinks } from '../sign-in/links.ts';
import { generatedPasscode, isVaried } from '../sign-in/passcode.ts';
import { guideOf, GuideSchema } from './guide.ts';
import type { ProviderCatalog } from './provider-catalog.ts';
import { connectionReply } from './reply.ts';
import { ConnectionSchema } from './schema.ts';

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 24 * HOUR_SECONDS;

const OwnPasscode = Type.Refine(
  Type.String({ minLength: 8, maxLength: 64, pattern: '^\\S+$' }),
  isVaried,
  () => 'is too easy to guess: use other characters, or true to have one made',
);

/** The terms of a link. A passcode is in the reply alone; the link has a keyed digest of it. */
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
      Type.Union([Type.Literal(true), OwnPasscode], {
        description:
          'Must be typed on the page; send it by another way than the link. `true` has one made, which only the reply shows.',
      }),
    ),
    confirm: Type.Optional(
      Type.Boolean({
        description:
          'Nothing is used before you have confirmed the account that came in. Default: as the tenant says, which is true unless the operator has set it to false; for signing in again with the same account, false.',
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
      passcode: Type.Optional(Type.String({ description: 'The one that was made; shown here and nowhere else.' })),
    }),
    guide: Type.Union([described(GuideSchema), Type.Null()]),
  },
  { $id: 'Invited', description: 'A connection with the link that brings the customer’s account in.' },
);

interface ReplyDependencies {
  readonly keyRing: KeyRing;
  readonly links: InvitationLinks;
  readonly providers: Pick<ProviderCatalog, 'find'>;
}

/** The terms as the workflow keeps them: it never learns the passcode. `confirm`: where the request does not say. */
export function invitationTerms(request: InvitationTermsRequest, confirm: boolean): InvitationTerms {
  return {
    lifetimeSeconds: request.lifetimeSeconds ?? DEFAULT_LIFETIME_SECONDS,
    passcodeRequired: request.passcode !== undefined,
    confirm: request.confirm ?? confirm,
  };
}

/**
 * The terms of an open link. Links are forwarded, so the person who completes it may be another one than the tenant
 * means. The account is therefore confirmed, unless the request or the tenant says otherwise. Rejects as the secret
 * store does.
 */
export async function openTerms(
  tenants: Pick<Tenants, 'read'>,
  tenant: string,
  request: InvitationTermsRequest = {},
): Promise<InvitationTerms> {
  const confirm = request.confirm ?? (await tenants.read(tenant))?.confirmsInvitations ?? true;
  return invitationTerms(request, confirm);
}

/** A connection with the link of its open invitation. */
export async function openInvitationReply(
  deps: ReplyDependencies,
  view: ConnectionView,
  passcode: InvitationTermsRequest['passcode'],
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

interface LinkTerms {
  readonly epoch: number;
  readonly expiresAt: string;
  readonly passcode: InvitationTermsRequest['passcode'];
}

export async function invitationReply(
  { keyRing, links, providers }: ReplyDependencies,
  view: ConnectionView,
  { epoch, expiresAt, passcode: asked }: LinkTerms,
): Promise<Static<typeof InvitedSchema>> {
  const generated = asked === true ? generatedPasscode(keyRing, view.id, epoch) : undefined;
  const passcode = asked === true ? generated : asked;
  const url = await links.url({ connection: view.id, epoch, expiresAt, passcode });
  const option = providers.find(view.provider, view.region, view.method);
  return {
    connection: connectionReply(view),
    invitation: { url, expiresAt, ...(generated === undefined ? {} : { passcode: generated }) },
    guide: option ? guideOf(option, view.setup) : null,
  };
}
