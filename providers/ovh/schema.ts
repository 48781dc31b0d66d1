import { Type } from 'typebox';

import { maybe } from '../../platform/schema.ts';

const text = Type.String({ minLength: 1 });

/** Of a record: an application and its consumer key. */
export const ApplicationKeysSchema = Type.Object({
  application_key: text,
  application_secret: text,
  consumer_key: text,
});

/** Of a record: an access token. */
export const TokenRecordSchema = Type.Object({ access_token: text });

/** `GET /auth/time`: unix seconds. */
export const ServerTimeSchema = Type.Integer();

/** `GET /auth/details`: answered to any valid credential, without any permission. */
export const AuthDetailsSchema = Type.Object({ account: Type.String({ minLength: 1 }) });

/** `GET /me`, which a restricted user may not read. */
export const MeSchema = Type.Object({
  firstname: maybe(Type.String()),
  name: maybe(Type.String()),
  organisation: maybe(Type.String()),
});

/** A refused API call. Two generations of shapes are in use: one has `class`, the other `errorCode`. */
export const ApiErrorSchema = Type.Object({
  message: Type.Optional(Type.String()),
  errorCode: Type.Optional(Type.String()),
  details: Type.Optional(
    Type.Object({
      /** Comma-separated. */
      unauthorizedActionsByIAM: Type.Optional(Type.String()),
      unauthorizedActionsByAuthentication: Type.Optional(Type.String()),
    }),
  ),
});

/** `GET /me`, as far as any owner of keys may read it. */
export const OwnerSchema = Type.Object({
  ...MeSchema.properties,
  nichandle: Type.String({ minLength: 1 }),
});

/** `POST /auth/credential`. */
export const RequestedCredentialSchema = Type.Object({
  consumerKey: Type.String({ minLength: 1 }),
  validationUrl: Type.String({ pattern: '^https?://' }),
});

/** `GET /auth/currentCredential`. */
export const CurrentCredentialSchema = Type.Object({
  expiration: maybe(Type.String()),
});

/** `POST /me/api/oauth2/client`: the secret is shown this once. */
export const NewClientSchema = Type.Object({
  clientId: Type.String({ minLength: 1 }),
  clientSecret: Type.String({ minLength: 1 }),
});

/** `GET /me/api/oauth2/client/{id}` and `GET /v2/iam/policy`, as far as they are looked through for a name. */
export const NamedClientSchema = Type.Object({ clientId: Type.String(), name: Type.String() });
export const NamedPolicySchema = Type.Object({ id: Type.String(), name: Type.String() });
