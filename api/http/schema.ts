import { Type, type Static, type TSchema } from 'typebox';

/** A reference to a schema that is registered by its `$id`: it is one named component of the OpenAPI document. */
export function described<T extends TSchema>(schema: T & { $id?: string }): ReturnType<typeof Type.Unsafe<Static<T>>> {
  if (schema.$id === undefined) throw new TypeError('Only a schema with an $id can be referred to.');
  return Type.Unsafe<Static<T>>({ $ref: `${schema.$id}#` });
}
