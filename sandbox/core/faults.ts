import { Type, type Static } from 'typebox';
import type { Operation } from './cloud.ts';

const Times = Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]);
const action = <K extends string>(kind: K) =>
  Type.Object({ kind: Type.Literal(kind) }, { additionalProperties: false });

/**
 * What goes wrong. "Before" and "after" are seen from the state: before, nothing is spent; after, the token is spent
 * and that is on disk, but the client does not know it yet.
 */
export const FaultActionSchema = Type.Union([
  /** Answers this instead of serving the request. */
  Type.Object(
    {
      kind: Type.Literal('respond'),
      status: Type.Integer({ minimum: 200, maximum: 599 }),
      body: Type.Optional(Type.Unknown()),
      headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    },
    { additionalProperties: false },
  ),
  /** Answers this OAuth error (RFC 6749, 5.2) instead of serving the request. */
  Type.Object(
    { kind: Type.Literal('refuse'), error: Type.String(), description: Type.Optional(Type.String()) },
    { additionalProperties: false },
  ),
  /** Serves the request, and changes what is answered: fields of its JSON body, headers, the status. */
  Type.Object(
    {
      kind: Type.Literal('alter'),
      status: Type.Optional(Type.Integer({ minimum: 200, maximum: 599 })),
      headers: Type.Optional(Type.Record(Type.String(), Type.String())),
      set: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
      unset: Type.Optional(Type.Array(Type.String())),
    },
    { additionalProperties: false },
  ),
  action('drop_before'),
  action('drop_after'),
  action('hold_before'),
  action('hold_after'),
  /** Serves the request after that many milliseconds. */
  Type.Object({ kind: Type.Literal('slow'), ms: Type.Integer({ minimum: 0 }) }, { additionalProperties: false }),
]);

export const FaultRuleSchema = Type.Object(
  {
    match: Type.Object(
      {
        cloud: Type.Optional(Type.String()),
        region: Type.Optional(Type.String()),
        /** An endpoint's name, or its beginning and `*`: `token.*`. Left out: every endpoint. */
        endpoint: Type.Optional(Type.String()),
        /** A part of the request's path and query, as they came: an id, a region. */
        path: Type.Optional(Type.String()),
      },
      { additionalProperties: false },
    ),
    /** How many requests it hits; null = until deleted. */
    times: Times,
    action: FaultActionSchema,
  },
  { additionalProperties: false },
);

export type FaultAction = Static<typeof FaultActionSchema>;
export type FaultRule = Static<typeof FaultRuleSchema>;

/** A script of rules: each request takes the first that matches it and has times left. Gone after a restart. */
export interface Faults {
  add(rule: FaultRule): void;
  /** `address` = path and query of the request, as they came. */
  take(operation: Operation, address: string): FaultAction | undefined;
  list(): readonly FaultRule[];
  clear(): void;
}

export function createFaults(): Faults {
  let rules: FaultRule[] = [];
  return {
    add: (rule) => void rules.push(structuredClone(rule)),
    take(operation, address) {
      const rule = rules.find(({ match }) => matches(match, operation, address));
      if (!rule) return undefined;
      if (rule.times !== null && --rule.times === 0) rules = rules.filter((other) => other !== rule);
      return rule.action;
    },
    list: () => rules,
    clear: () => void (rules = []),
  };
}

function matches(match: FaultRule['match'], operation: Operation, address: string): boolean {
  return (
    (match.cloud ?? operation.cloud) === operation.cloud &&
    (match.region ?? operation.region) === operation.region &&
    (match.endpoint === undefined || fits(match.endpoint, operation.endpoint)) &&
    (match.path === undefined || address.includes(match.path))
  );
}

/** Whether an endpoint's name is the pattern, or begins with what stands before its `*`: `token.*`, `*`. */
const fits = (pattern: string, endpoint: string): boolean =>
  pattern.endsWith('*') ? endpoint.startsWith(pattern.slice(0, -1)) : endpoint === pattern;

/** The value of the longest pattern that fits: the most particular one. */
export function mostParticular<T>(byPattern: Readonly<Record<string, T>>, endpoint: string): T | undefined {
  const [found] = Object.keys(byPattern)
    .filter((pattern) => fits(pattern, endpoint))
    .sort((one, other) => other.length - one.length);
  return found === undefined ? undefined : byPattern[found];
}
