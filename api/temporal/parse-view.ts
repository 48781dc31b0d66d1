import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { UpkeepReport } from '../../contracts/activities.ts';
import type { ConnectionView, Freshness, RequestMemo, Tombstone } from '../../contracts/connection.ts';
import { ConnectionSchema, ProblemSchema, TombstoneSchema } from '../connections/schema.ts';
import { instant, nullable } from '../http/schema.ts';

const { credential: _credential, verification: _verification, health: _health, ...told } = ConnectionSchema.properties;

const freshness = {
  v: Type.Literal(1),
  generation: Type.Integer({ minimum: 0 }),
  issuedAt: instant(),
  expiresAt: nullable(instant()),
  nextRefreshAt: nullable(instant()),
};

const request = Type.Object({ digest: Type.String(), invitationExpiresAt: instant() });

/**
 * A view as a workflow writes it: the reply's own schema, with the parts as they are stored that a reply makes something
 * else of. So whatever passes here can be answered.
 */
const view = Compile(
  Type.Object({
    ...told,
    credential: nullable(Type.Object({ ...freshness, renewable: Type.Boolean(), scopes: Type.Array(Type.String()) })),
    verification: nullable(
      Type.Object({
        step: Type.Enum(['exchange', 'proof', 'confirmation', 'promotion']),
        attemptsBefore: Type.Integer({ minimum: 0 }),
        lastProblem: nullable(ProblemSchema),
        account: told.account,
      }),
    ),
  }),
);

const storedTombstone = Compile(
  Type.Object({
    connection: Type.Object({
      id: told.id,
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

const requestMemo = Compile(request);
const facts = Compile(Type.Object(freshness));

const report = Compile(
  Type.Object({
    ...Type.Partial(Type.Object(freshness)).properties,
    v: freshness.v,
    problem: Type.Optional(ProblemSchema),
  }),
);

// What the checks let through was written by our own processes from these very types.
const parsed = <T>(isValid: (value: unknown) => boolean, value: unknown): T | undefined =>
  isValid(value) ? (value as T) : undefined;

/** Each answers undefined for what another process wrote that is none. */
export const parseView = (value: unknown): ConnectionView | undefined => parsed((one) => view.Check(one), value);
export const parseTombstone = (value: unknown): Tombstone | undefined =>
  parsed((one) => storedTombstone.Check(one), value);
export const parseRequest = (value: unknown): RequestMemo | undefined => parsed((one) => requestMemo.Check(one), value);
export const parseFacts = (value: unknown): Freshness | undefined => parsed((one) => facts.Check(one), value);
export const parseReport = (value: unknown): UpkeepReport | undefined => parsed((one) => report.Check(one), value);
