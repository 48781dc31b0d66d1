import { Type, type Static } from 'typebox';
import { ConnectionSchema } from './schema.ts';
import { GuideSchema } from './guide-schema.ts';
import { described } from '../http/schema.ts';

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 24 * HOUR_SECONDS;

/** The terms of a link. Of its passcode only a keyed digest leaves this process, inside the link. */
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

export const DEFAULT_LIFETIME_SECONDS = 14 * DAY_SECONDS;

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
