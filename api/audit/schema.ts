import { Type, type Static } from 'typebox';
import { connectionIdPattern } from '../../contracts/ids.ts';
import { auditOutcomes } from '../../stores/audit/line.ts';
import type { AuditFilter, AuditPeriod } from '../../stores/audit/reader.ts';
import { ActorSchema } from '../connections/schema.ts';
import { CursorSchema, described, instant, nullable } from '../http/schema.ts';

export const AuditLineSchema = Type.Object(
  {
    v: Type.Literal(1),
    chain: Type.String({ description: 'The chain that it belongs to: of a tenant, or of the installation.' }),
    seq: Type.Integer({ description: 'Counts up by one within the chain; a missing number is a gap.' }),
    recordedAt: instant('When it was appended. Never goes back.'),
    at: instant('When it happened.'),
    requestId: Type.String({ description: 'As `x-request-id` of the reply, and in the log.' }),
    callerRequestId: nullable(Type.String({ description: 'The `x-request-id` that the caller sent.' })),
    actor: nullable(described(ActorSchema), 'Null = a request without a valid key or link.'),
    tenant: nullable(Type.String()),
    address: nullable(Type.String({ description: 'The caller’s, as the trusted proxies tell it.' })),
    action: Type.String({ description: 'The operation’s id in this document; `auditLost`: lines are missing.' }),
    connection: nullable(Type.String()),
    target: nullable(Type.String({ description: 'What else it was done to, e.g. a provider.' })),
    outcome: Type.Enum([...auditOutcomes], { description: '`refused`: 4xx. `failed`: 5xx; it may be done later.' }),
    status: nullable(Type.Integer({ description: 'The HTTP status.' })),
    code: nullable(Type.String({ description: 'Of the problem that was answered.' })),
    count: Type.Integer({ description: 'Repeats of a read or a refusal within a minute are one line.' }),
    lastAt: instant('When it happened last.'),
    previous: Type.String({ description: '`hash` of the line before.' }),
    hash: Type.String({
      description: 'SHA-256 over the canonical JSON (RFC 8785) of the line without its last three.',
    }),
    keyId: Type.String({ description: 'The key of the installation that signed it.' }),
    mac: Type.String({ description: 'HMAC-SHA256 of `hash` under that key.' }),
  },
  { $id: 'AuditLine', description: 'One line of the audit record.' },
);

const period = {
  from: Type.Optional(instant('Recorded from then on.')),
  to: Type.Optional(instant('Recorded until then.')),
};

export const AuditQuery = Type.Object(
  {
    ...period,
    actor: Type.Optional(Type.String({ maxLength: 200, description: 'The id of the actor, e.g. of an API key.' })),
    action: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9]{1,100}$' })),
    connection: Type.Optional(Type.String({ pattern: connectionIdPattern })),
    outcome: Type.Optional(Type.Enum([...auditOutcomes])),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
    cursor: Type.Optional(CursorSchema),
  },
  { additionalProperties: false },
);

export const ExportQuery = Type.Object(
  {
    ...period,
    format: Type.Optional(
      Type.Enum(['jsonl', 'otlp'], {
        default: 'jsonl',
        description:
          '`jsonl`: the lines as they are, to be verified. `otlp`: OpenTelemetry log records, as its file exporter writes them.',
      }),
    ),
  },
  { additionalProperties: false },
);

const PlaceSchema = Type.Object({ seq: Type.Integer(), recordedAt: instant() });

export const VerdictSchema = Type.Object(
  {
    ok: Type.Boolean(),
    from: nullable(PlaceSchema, 'The oldest line that is kept.'),
    to: nullable(PlaceSchema, 'The newest line that was checked.'),
    checked: Type.Integer(),
    brokenAt: nullable(
      Type.Object({ seq: nullable(Type.Integer()), reason: Type.String() }),
      'The first line that is missing, was changed, or was not written by Mooring.',
    ),
  },
  { description: 'Whether the record is whole.' },
);

export const periodOf = ({ from, to }: { from?: string; to?: string }): AuditPeriod => ({
  fromMs: from === undefined ? null : Date.parse(from),
  toMs: to === undefined ? null : Date.parse(to),
});

export function filterOf({ actor, action, connection, outcome, ...bounds }: Static<typeof AuditQuery>): AuditFilter {
  return {
    ...periodOf(bounds),
    ...(actor !== undefined && { actor }),
    ...(action !== undefined && { action }),
    ...(connection !== undefined && { connection }),
    ...(outcome !== undefined && { outcome }),
  };
}
