import { Type, type Static, type TSchema } from 'typebox';
import { connectionIdPattern } from '../../contracts/ids.ts';
import { plainTextPattern } from '../../contracts/plain-text.ts';

export const nullable = <T extends TSchema>(schema: T, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description });

/** A point in time, ISO 8601. */
export const instant = (description?: string) =>
  Type.String({ format: 'date-time', ...(description === undefined ? {} : { description }) });

/** A reference to a schema that is registered by its `$id`: it is one named component of the OpenAPI document. */
export function described<T extends TSchema>(schema: T & { $id?: string }): ReturnType<typeof Type.Unsafe<Static<T>>> {
  if (schema.$id === undefined) throw new TypeError('Only a schema with an $id can be referred to.');
  return Type.Unsafe<Static<T>>({ $ref: `${schema.$id}#` });
}

/** No quote, backslash or space: tags and names of things go into list filters. */
const TAG_PATTERN = '^[A-Za-z0-9][A-Za-z0-9_.:/=@+-]{0,62}$';

export const ConnectionParams = Type.Object({
  id: Type.String({ pattern: connectionIdPattern, description: 'The id of the connection.' }),
});

export const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      pattern: '^[\\x21-\\x7E]{1,255}$',
      description: 'Makes a repeat of this request harmless. Unique within the tenant.',
    }),
  ),
});

/** A sealed token, in characters that an address takes as they are; together with filters it fits into one. */
export const CursorSchema = Type.String({
  maxLength: 6_000,
  pattern: '^[A-Za-z0-9_.-]*$',
  description: '`nextCursor` of the page before, with the same filters.',
});

export const NameSchema = Type.Union(
  [Type.String({ minLength: 1, maxLength: 200, pattern: plainTextPattern }), Type.Null()],
  {
    description: 'What people call it.',
  },
);

export const TagsSchema = Type.Array(Type.String({ pattern: TAG_PATTERN }), {
  maxItems: 20,
  uniqueItems: true,
  description: 'To find it by; never secret.',
});

export const IdSchema = Type.String({ pattern: '^[a-z0-9][a-z0-9_.-]{0,62}$' });
export const TagSchema = Type.String({ pattern: TAG_PATTERN });
