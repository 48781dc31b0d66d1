import { Type } from 'typebox';

/** How the pages of an endpoint are broken: the last one names itself, or the one before, as the next. */
export const BrokenPagesSchema = Type.Record(
  Type.String(),
  Type.Union([Type.Literal('repeat'), Type.Literal('cycle')]),
);

export interface Page<T> {
  readonly rows: readonly T[];
  /** Null = this is the last. */
  readonly token: string | null;
}

const encode = (from: number): string => Buffer.from(`page ${from}`).toString('base64url');

/** Undefined where the token is none of ours. */
const decode = (token: string): number | undefined => {
  const from = /^page (\d+)$/.exec(Buffer.from(token, 'base64url').toString())?.[1];
  return from === undefined ? undefined : Number(from);
};

/** The page that a token asks for; undefined where the token is not one that was given. */
export function pageOf<T>(
  all: readonly T[],
  token: string | null,
  size: number,
  broken: 'repeat' | 'cycle' | undefined,
): Page<T> | undefined {
  const from = token ? decode(token) : 0;
  if (from === undefined) return undefined;
  const to = from + size;
  const rows = all.slice(from, to);
  if (to < all.length) return { rows, token: encode(to) };
  if (broken === undefined) return { rows, token: null };
  return { rows, token: encode(broken === 'repeat' ? from : Math.max(0, from - size)) };
}
