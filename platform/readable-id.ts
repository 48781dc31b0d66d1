const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const LENGTH = 26;

/** The prefix and 130 bits of at least 17 bytes in base32. */
export const readableId = (prefix: 'con_' | 'bat_' | 'blk_' | 'whe_' | `whr_${string}_`, bytes: Uint8Array): string =>
  prefix + inBase32(bytes, LENGTH);

/** The first bits in base32 (RFC 4648, 6; lower case), 5 for each character. */
export function inBase32(bytes: Uint8Array, characters: number): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const digits = Array.from({ length: characters }, (_none, index) =>
    Number.parseInt(bits.slice(index * 5, index * 5 + 5), 2),
  );
  return digits.map((digit) => ALPHABET[digit]).join('');
}
