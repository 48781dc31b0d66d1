import { Type } from 'typebox';

/** As many as any list is tried with. */
export const MOST_OF_A_KIND = 100_000;
const Size = Type.Optional(Type.Integer({ minimum: 0, maximum: MOST_OF_A_KIND }));

/** How many there are of some of these kinds. */
export const sizesSchema = <Kind extends string>(kinds: readonly Kind[]) =>
  Type.Object(Object.fromEntries(kinds.map((kind) => [kind, Size])) as Record<Kind, typeof Size>, {
    additionalProperties: false,
  });
