import { createHash } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const LENGTH = 26;

/** `con_` and 130 bits in base32 (RFC 4648, 6; lower case). */
function fromBytes(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const digits = Array.from({ length: LENGTH }, (_none, index) =>
    Number.parseInt(bits.slice(index * 5, index * 5 + 5), 2),
  );
  return `con_${digits.map((digit) => ALPHABET[digit]).join('')}`;
}

export const randomConnectionId = (randomBytes: (size: number) => Buffer): string => fromBytes(randomBytes(17));

/**
 * The same tenant and key give the same id, whatever else was lost, so that a repeated request can't start a second
 * connection. Not keyed: it must outlive the key ring's rotation, and an id is no secret.
 */
export const connectionIdFor = (tenant: string, idempotencyKey: string): string =>
  fromBytes(createHash('sha256').update(`connection|${tenant}|${idempotencyKey}`).digest());
