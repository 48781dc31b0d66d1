import { Type, type Static } from 'typebox';

import { maybe } from '../../platform/schema.ts';
import { SignInRecordSchema } from '../oauth/sign-in.ts';

/** Microsoft's ids; these stand in paths. */
const Guid = Type.String({ pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' });
const Text = Type.String({ minLength: 1 });
const orEmpty = <S extends typeof Guid>(schema: S) => Type.Optional(Type.Union([schema, Type.Literal('')]));

/** What a sign-in keeps, with who signed in and when, in unix seconds. */
export const AzureSignInSchema = Type.Object({
  ...SignInRecordSchema.properties,
  tenant_id: Type.Optional(Text),
  object_id: Type.Optional(Text),
  username: Type.Optional(Text),
  granted_at: Type.Optional(Type.Number()),
});

/** What a customer submits for a service principal, and when; an access token once it has been proven. */
export const ServicePrincipalSchema = Type.Object({
  tenant_id: Guid,
  client_id: Guid,
  client_secret: Text,
  subscription_id: orEmpty(Guid),
  /** `YYYY-MM-DD`. */
  secret_expires_on: Type.Optional(Type.String({ pattern: '^(\\d{4}-\\d{2}-\\d{2})?$' })),
  access_token: Type.Optional(Text),
  granted_at: Type.Optional(Type.Number()),
});
export type ServicePrincipal = Static<typeof ServicePrincipalSchema>;

/** https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference */
export const IdClaimsSchema = Type.Object({
  tid: Text,
  oid: Text,
  preferred_username: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
});

/** A token reply (RFC 6749, 5.1). Its lifetime may be a number, a number as text, or missing: see `usableLifetime`. */
export const TokenReplySchema = Type.Object({
  access_token: Text,
  expires_in: Type.Optional(Type.Unknown()),
});

/** RFC 6749, 5.2; `error_description` begins with Microsoft's own code. */
export const TokenErrorSchema = Type.Object({ error: Text, error_description: Type.Optional(Type.String()) });

export const SubscriptionSchema = Type.Object({
  subscriptionId: Text,
  displayName: Type.String(),
  /** `Enabled`, `Warned`, `PastDue`, `Disabled` or `Deleted`. */
  state: Type.String(),
  tags: maybe(Type.Record(Type.String(), Type.String())),
});
export type Subscription = Static<typeof SubscriptionSchema>;

/** https://learn.microsoft.com/rest/api/resources/subscriptions/list */
export const SubscriptionPageSchema = Type.Object({
  value: Type.Array(Type.Unknown()),
  nextLink: maybe(Type.String()),
});

/** An error of Azure Resource Manager. */
export const ArmErrorSchema = Type.Object({
  error: Type.Object({ code: Type.String(), message: Type.Optional(Type.String()) }),
});
