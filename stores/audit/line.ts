import { createHash } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { actorKinds } from '../../contracts/actor.ts';
import type { KeyRing } from '../../platform/key-ring.ts';
import { nullable } from '../../platform/schema.ts';

export const auditOutcomes = ['done', 'refused', 'failed'] as const;

/** What happened, as the process that served it saw it. Holds no secret. */
const entryFields = {
  /** ISO 8601. */
  at: Type.String(),
  /** Ours; it names the request in the log. */
  requestId: Type.String(),
  callerRequestId: nullable(Type.String()),
  /** Null = nobody who is known: a request without a valid key or link. */
  actor: nullable(Type.Object({ kind: Type.Enum(actorKinds), id: Type.String() })),
  tenant: nullable(Type.String()),
  /** Of the caller; null for what Mooring did itself. */
  address: nullable(Type.String()),
  /** A stable name: the operation's id in the OpenAPI document. */
  action: Type.String(),
  connection: nullable(Type.String()),
  /** What else it was done to, e.g. a provider's id. */
  target: nullable(Type.String()),
  outcome: Type.Enum(auditOutcomes),
  /** The HTTP status; null where there was no request. */
  status: nullable(Type.Integer()),
  /** The code of the problem that was answered. */
  code: nullable(Type.String()),
  /** How often it happened: repeats within a minute are one line. */
  count: Type.Integer(),
  /** When it happened last. ISO 8601; equal to `at` unless it was repeated. */
  lastAt: Type.String(),
};

const entrySchema = Type.Object(entryFields);
export type AuditEntry = Readonly<Static<typeof entrySchema>>;

const lineSchema = Type.Object({
  v: Type.Literal(1),
  /** Which chain it belongs to: a line of another one does not verify. */
  chain: Type.String(),
  /** Counts up by one within the chain. */
  seq: Type.Integer(),
  /** When it was appended, ISO 8601; never goes back within the chain. */
  recordedAt: Type.String(),
  ...entryFields,
  /** The hash of the line before; of the first line: 64 zeros. */
  previous: Type.String(),
  /** SHA-256 over the canonical JSON of all fields but `hash`, `keyId` and `mac`. Hex. */
  hash: Type.String(),
  /** HMAC-SHA256 of `hash` under this key of the ring. Hex. */
  keyId: Type.String(),
  mac: Type.String(),
});
/** One line of the record: an entry with its place in the chain. */
export type AuditLine = Readonly<Static<typeof lineSchema>>;
const storedLine = Compile(lineSchema);

/** Before the first line of a chain. */
export const NO_HASH = '0'.repeat(64);

/** Undefined for what is no line. */
export function parseLine(text: string): AuditLine | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return storedLine.Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A place in a chain that a line can be appended behind. */
export interface ChainHead {
  readonly seq: number;
  readonly recordedAtMs: number;
  readonly hash: string;
}

/** The line for an entry, behind `head`. Null = the first one of its chain. */
export function makeLine(
  keyRing: KeyRing,
  chain: string,
  head: ChainHead | null,
  entry: AuditEntry,
  nowMs: number,
): AuditLine {
  const unsigned = {
    v: 1 as const,
    chain,
    seq: (head?.seq ?? 0) + 1,
    recordedAt: new Date(Math.max(nowMs, head?.recordedAtMs ?? 0)).toISOString(),
    ...entry,
    previous: head?.hash ?? NO_HASH,
  };
  const hash = hashOf(unsigned);
  return { ...unsigned, hash, keyId: keyRing.currentKeyId, mac: keyRing.digest('audit', hash) };
}

export const headOf = ({ seq, recordedAt, hash }: AuditLine): ChainHead => ({
  seq,
  recordedAtMs: Date.parse(recordedAt),
  hash,
});

/** The hash that a line must have. */
export function lineHash({ hash: _hash, keyId: _keyId, mac: _mac, ...unsigned }: AuditLine): string {
  return hashOf(unsigned);
}

const hashOf = (unsigned: object): string => createHash('sha256').update(canonicalJson(unsigned)).digest('hex');

/**
 * The JSON text of a value by RFC 8785: members sorted by name, no white space. `JSON.stringify` writes strings and
 * whole numbers as that RFC wants them, and a line holds nothing else.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
