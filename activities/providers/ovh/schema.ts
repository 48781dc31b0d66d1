import { Type, type Static } from 'typebox';

/** What this provider needs of the stored record; `expires_at` is in unix seconds. */
export const RecordSchema = Type.Object({
  access_token: Type.Optional(Type.String({ minLength: 1 })),
  refresh_token: Type.Optional(Type.String({ minLength: 1 })),
  expires_at: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
});
export type OvhRecord = Static<typeof RecordSchema>;

/** `GET /auth/details`: answered to any valid credential, without any permission. */
export const AuthDetailsSchema = Type.Object({ account: Type.String({ minLength: 1 }) });

/** `GET /me`, which a restricted user may not read. */
export const MeSchema = Type.Object({
  firstname: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  name: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  organisation: Type.Optional(Type.Union([Type.String(), Type.Null()])),
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
