const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const LENGTH = 26;

/** The prefix and 130 bits of at least 17 bytes in base32 (RFC 4648, 6; lower case). */
export function readableId(prefix: 'con_' | 'bat_' | 'blk_', bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const digits = Array.from({ length: LENGTH }, (_none, index) =>
    Number.parseInt(bits.slice(index * 5, index * 5 + 5), 2),
  );
  return `${prefix}${digits.map((digit) => ALPHABET[digit]).join('')}`;
}
