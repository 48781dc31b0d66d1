import { Type } from 'typebox';
import { connectionIdPattern } from '../../contracts/ids.ts';

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

export const NameSchema = Type.Union(
  [Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\x00-\\x1F\\x7F]*$' }), Type.Null()],
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
