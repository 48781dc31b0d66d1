import { Type, type Static, type TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { UpkeepReport } from '../../contracts/activities.ts';
import type { ConnectionView, Freshness, RequestMemo, Tombstone } from '../../contracts/connection.ts';
import { ConnectionSchema, ProblemSchema, TombstoneSchema } from '../connections/schema.ts';
import { instant, nullable } from '../http/schema.ts';

const {
  credential: _credential,
  verification: _verification,
  health: _health,
  ...sentAsStored
} = ConnectionSchema.properties;

const freshness = {
  v: Type.Literal(1),
  generation: Type.Integer({ minimum: 0 }),
  issuedAt: instant(),
  expiresAt: nullable(instant()),
  nextRefreshAt: nullable(instant()),
};

const request = Type.Object({ digest: Type.String(), invitationExpiresAt: instant() });

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

/** What a schema must be to read a contract's type: every member of the contract, each of its type. */
type Reads<Contract, Shape> =
  Contract extends DeepReadonly<Shape> ? (keyof Contract extends keyof Shape ? unknown : never) : never;

/**
 * Makes a parser that returns undefined when the value does not match. A schema that does not fit the contract's type
 * does not compile.
 */
const readerOf =
  <Contract>() =>
  <S extends TSchema>(schema: S & Reads<Contract, Static<S>>) => {
    const compiled = Compile(schema as TSchema);
    return (value: unknown): Contract | undefined => (compiled.Check(value) ? (value as Contract) : undefined);
  };

/**
 * A view as a workflow stores it. It reuses the schema of the API's reply, so that every view that is accepted here can
 * be sent. Only `credential` and `verification` are stored in another shape than they are sent.
 */
export const parseView = readerOf<ConnectionView>()(
  Type.Object({
    ...sentAsStored,
    credential: nullable(Type.Object({ ...freshness, renewable: Type.Boolean(), scopes: Type.Array(Type.String()) })),
    verification: nullable(
      Type.Object({
        step: Type.Enum(['exchange', 'proof', 'confirmation', 'promotion']),
        attemptsBefore: Type.Integer({ minimum: 0 }),
        lastProblem: nullable(ProblemSchema),
        account: sentAsStored.account,
      }),
    ),
  }),
);

export const parseTombstone = readerOf<Tombstone>()(
  Type.Object({
    connection: Type.Object({
      id: sentAsStored.id,
      tenant: Type.String(),
      provider: Type.String(),
      region: Type.String(),
      method: Type.String(),
    }),
    ...TombstoneSchema.properties,
    status: Type.Enum(['disconnected', 'expired']),
    request: nullable(request),
  }),
);

export const parseRequest = readerOf<RequestMemo>()(request);
export const parseFacts = readerOf<Freshness>()(Type.Object(freshness));

export const parseReport = readerOf<UpkeepReport>()(
  Type.Object({
    ...Type.Partial(Type.Object(freshness)).properties,
    v: freshness.v,
    problem: Type.Optional(ProblemSchema),
  }),
);
