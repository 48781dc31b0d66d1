import { Type, type Static } from 'typebox';
import { tenantPattern } from '../../contracts/ids.ts';
import { plainLinesPattern, plainTextPattern } from '../../contracts/plain-text.ts';
import { LONGEST_ADDRESS, LONGEST_HELP_TEXT } from '../../stores/branding.ts';
import { LARGEST_QUOTA, type StoredTenant } from '../../stores/tenants.ts';
import { limitsOf, type Quotas } from '../http/quotas.ts';
import { CursorSchema, described, nullable } from '../http/schema.ts';

/** Fields may be left out of what is sent; replies have them all. */
const branding = {
  logoUrl: nullable(
    Type.String({ maxLength: LONGEST_ADDRESS }),
    'An image at an https address, which the customers’ browsers load. Null = none.',
  ),
  colour: nullable(
    Type.String({ pattern: '^#[0-9a-fA-F]{6}$' }),
    'Of buttons and links, as #rrggbb. White text on it must reach a contrast of 4.5:1 (WCAG 2.2, AA). Null = Mooring’s own.',
  ),
  supportUrl: nullable(
    Type.String({ maxLength: LONGEST_ADDRESS }),
    'Where customers get help: an https address, or `mailto:` with one e-mail address. Null = none.',
  ),
  helpText: nullable(
    Type.String({ minLength: 1, maxLength: LONGEST_HELP_TEXT, pattern: plainLinesPattern }),
    'Plain text that customers read below the page; at most 12 lines. Null = none.',
  ),
};
const BrandingPatch = Type.Partial(Type.Object(branding), {
  additionalProperties: false,
  description: 'How the customers’ pages look.',
});

const quota = (what: string) =>
  nullable(Type.Integer({ minimum: 0, maximum: LARGEST_QUOTA }), `${what} 0 = no limit; null = the installation’s.`);
const quotas = {
  connections: quota('Connections at once, those that have ended not counted.'),
  submissionsPerMinute: quota('Submissions of values a minute.'),
  validationsPerMinute: quota('Validations of credentials without a connection a minute.'),
  invitationsPerHour: quota('New links an hour for each connection.'),
};
const QuotasPatch = Type.Partial(Type.Object(quotas), {
  additionalProperties: false,
  description: 'What it may use of what all tenants share.',
});

const limit = () => nullable(Type.Integer(), 'Null = no limit.');

const displayName = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: plainTextPattern,
  description: 'The name that its customers read.',
});
const platformRedirectUris = Type.Array(Type.String({ minLength: 1, maxLength: LONGEST_ADDRESS }), {
  maxItems: 50,
  uniqueItems: true,
  description: 'Where a sign-in of a platform may lead back to: https, compared to the letter.',
});
const confirmsInvitations = Type.Boolean({
  description:
    'Whether an account that comes in by a link is confirmed before it is used, where a request does not say.',
});

export const TenantSchema = Type.Object(
  {
    id: Type.String(),
    displayName,
    platformRedirectUris: Type.Array(Type.String()),
    confirmsInvitations,
    branding: Type.Object({
      logoUrl: nullable(Type.String()),
      colour: nullable(Type.String()),
      supportUrl: nullable(Type.String()),
      helpText: nullable(Type.String()),
    }),
    quotas: Type.Object(quotas, { description: 'Its own. Null = the installation’s.' }),
    limits: Type.Object(
      {
        connections: limit(),
        submissionsPerMinute: limit(),
        validationsPerMinute: limit(),
        invitationsPerHour: limit(),
      },
      { description: 'What it may use in effect.' },
    ),
    version: Type.Integer({ description: 'Counts its changes; send it with a change that must not meet another one.' }),
  },
  { $id: 'Tenant', description: 'A tenant: whose connections they are, and how it looks to its customers.' },
);
export type ShownTenant = Static<typeof TenantSchema>;

export const TenantPage = Type.Object({
  items: Type.Array(described(TenantSchema)),
  nextCursor: nullable(Type.String(), 'Null on the last page.'),
});

const id = (description: string) => Type.String({ pattern: tenantPattern, description });

export const TenantParams = Type.Object({ id: id('The id of the tenant.') });

export const ListQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50 })),
    cursor: Type.Optional(CursorSchema),
  },
  { additionalProperties: false },
);

export const CreateBody = Type.Object(
  {
    id: id('Lower-case letters, digits and "-". It is in every API key and connection, and never changes.'),
    displayName,
    platformRedirectUris: Type.Optional(platformRedirectUris),
    confirmsInvitations: Type.Optional(confirmsInvitations),
    branding: Type.Optional(BrandingPatch),
    quotas: Type.Optional(QuotasPatch),
  },
  { additionalProperties: false },
);

const version = Type.Optional(
  Type.Integer({
    minimum: 1,
    description: 'The version that was read: where it is another one by now, nothing changes.',
  }),
);

/** A merge patch (RFC 7396): what is left out stays, null takes away. */
export const ChangeBody = Type.Object(
  {
    displayName: Type.Optional(displayName),
    platformRedirectUris: Type.Optional(platformRedirectUris),
    confirmsInvitations: Type.Optional(confirmsInvitations),
    branding: Type.Optional(BrandingPatch),
    quotas: Type.Optional(QuotasPatch),
    version,
  },
  { additionalProperties: false },
);

/** What a tenant may change itself. Its name is what customers trust, and quotas protect the others. */
export const ChangeOwnBody = Type.Object(
  {
    platformRedirectUris: Type.Optional(platformRedirectUris),
    branding: Type.Optional(BrandingPatch),
    version,
  },
  { additionalProperties: false },
);

export const shownTenant = (
  tenantId: string,
  { platformRedirectUris: uris, ...tenant }: StoredTenant,
  installation: Quotas,
): ShownTenant => ({
  id: tenantId,
  ...tenant,
  platformRedirectUris: [...uris],
  limits: limitsOf(installation, tenant.quotas),
});
