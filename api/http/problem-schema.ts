import { Type, type Static } from 'typebox';
import { described } from './schema.ts';

const text = (description: string) => Type.String({ description });

/** A problem document (RFC 9457) with the members that every answer of ours has. */
export const ProblemDocument = Type.Object(
  {
    type: text('URI of the kind of problem: `urn:mooring:problem:` and the code.'),
    title: text('The kind of problem in a few words.'),
    status: Type.Integer({ description: 'The HTTP status.' }),
    detail: text('What went wrong, with its cause, in a sentence.'),
    code: text('Stable code for programs to branch on.'),
    remedy: text('What to do about it.'),
    requestId: text('Names this request in the logs.'),
    errors: Type.Optional(Type.Array(Type.String(), { description: 'One sentence for each field that is wrong.' })),
    variables: Type.Optional(
      Type.Array(Type.String(), { description: 'Environment variables that the operator must set.' }),
    ),
    maximumTtlSeconds: Type.Optional(Type.Integer({ description: 'The longest life that can be asked for.' })),
    retryAfterSeconds: Type.Optional(Type.Integer({ description: 'When to try again.' })),
    allow: Type.Optional(Type.Array(Type.String(), { description: 'Methods that are possible here.' })),
  },
  { $id: 'ProblemDocument', description: 'What went wrong, its cause and its remedy (RFC 9457).' },
);
export type ProblemDocument = Static<typeof ProblemDocument>;

const reasons: Readonly<Record<number, string>> = {
  400: 'The request is not valid; `errors` lists what to put right.',
  401: 'No valid API key.',
  403: 'The API key may not do this; `code` and `remedy` say why.',
  404: 'There is no such thing in the tenant of the API key.',
  409: 'Not possible in the present state; `code` and `remedy` say why and what to do.',
  413: 'The body is too large.',
  414: 'The address is too long.',
  415: 'The body is of another media type than the route takes.',
  422: 'Understood, but what it asks for cannot be had.',
  429: 'Too much at once; try again later.',
  500: 'A fault of ours; the log has it under `requestId`.',
  501: 'Not available in this installation.',
  503: 'A part that this needs does not answer.',
};

/** Reply schemas of a route's problems. 414 and 500 belong to every route. */
export function problemReplies(...statuses: readonly number[]): Record<number, object> {
  const content = { 'application/problem+json': { schema: described(ProblemDocument) } };
  return Object.fromEntries(
    [...statuses, 414, 500].map((status) => [status, { description: reasons[status] ?? 'A problem.', content }]),
  );
}
