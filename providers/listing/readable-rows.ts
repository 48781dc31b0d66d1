import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';

import type { Problem } from '../../contracts/problem.ts';
import { CallError } from '../http/call-error.ts';

/** What a list has, with the warning that some of it could not be read. */
export interface ReadableRows<T> {
  readonly rows: readonly T[];
  readonly warnings: readonly Problem[];
}

/**
 * The rows of a list that are of the schema. One odd row does not cost the others: it is left out, with a warning. Throws
 * {@link CallError} where no row can be read, because that says nothing about what the account has.
 */
export function readableRows<S extends TSchema>(
  schema: S,
  rows: readonly unknown[],
  named: { readonly cloud: string; readonly what: string },
): ReadableRows<Static<S>> {
  const readable = rows.filter((row) => Value.Check(schema, row));
  const odd = rows.length - readable.length;
  if (odd === 0) return { rows: readable, warnings: [] };
  if (readable.length === 0) throw new CallError({ kind: 'status', status: 200, retryAfterSeconds: null, body: null });
  const warning: Problem = {
    code: 'list_partly_unreadable',
    message: `${named.cloud} lists ${odd} ${named.what} in a form that Mooring does not know; they are left out.`,
    remedy: 'Nothing to do where what is missing is not used. If it is, report it with the connection id.',
  };
  return { rows: readable, warnings: [warning] };
}
