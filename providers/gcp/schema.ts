import { Type, type TSchema } from 'typebox';

/** What the service account's method needs: the key file as it was submitted, and whether it has ever worked. */
export const KeyRecordSchema = Type.Object({
  service_account_key: Type.String({ minLength: 1 }),
  access_token: Type.Optional(Type.String()),
});

/** The userinfo endpoint (OpenID Connect Core, 5.3.2). `sub` stays the same when an address is given to another. */
export const UserinfoSchema = Type.Object({
  sub: Type.String({ minLength: 1 }),
  email: Type.Optional(Type.String()),
});

/** `GET /v3/projects:search`. A page may be empty and yet have a successor. */
export const ProjectsPageSchema = Type.Object({
  projects: Type.Optional(Type.Array(Type.Unknown())),
  nextPageToken: Type.Optional(Type.String()),
});

export const ProjectSchema = Type.Object({ projectId: Type.String(), state: Type.Optional(Type.String()) });

const optional = <T extends TSchema>(schema: T) => Type.Optional(schema);

/** A refusal of Google's APIs (google.rpc.Status, with google.rpc.ErrorInfo among its details). */
export const ApiErrorSchema = Type.Object({
  error: Type.Object({
    message: optional(Type.String()),
    status: optional(Type.String()),
    /** The older form, beside the newer one or instead of it. */
    errors: optional(Type.Array(Type.Object({ reason: optional(Type.String()) }))),
    details: optional(
      Type.Array(
        Type.Object({
          reason: optional(Type.String()),
          metadata: optional(
            Type.Object({
              service: optional(Type.String()),
              consumer: optional(Type.String()),
              permission: optional(Type.String()),
            }),
          ),
        }),
      ),
    ),
  }),
});
