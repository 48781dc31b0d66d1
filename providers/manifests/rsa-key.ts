import { createPrivateKey } from 'node:crypto';

/**
 * An RSA private key, or what is wrong with it. `size`: its modulus has too few or too many bits. `numbers`: another
 * number of it is larger than it can be in a key of that size, or they do not belong together.
 */
export type RsaKeyReading =
  | { readonly fault: null; /** PKCS #8. */ readonly pem: string }
  | { readonly fault: 'unreadable' | 'numbers' }
  | { readonly fault: 'size'; readonly bits: number };

export const rsaBits = { least: 2_048, most: 4_096 } as const;

/** A key of 15,360 bits, which is refused by its size, has 12,000 characters. */
const LONGEST_PEM = 16_384;
const PEM = /^\s*-----BEGIN (RSA )?PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END (?:RSA )?PRIVATE KEY-----\s*$/;

/** PKCS #8 (RFC 5208, 5) with the algorithm rsaEncryption, in hexadecimal: reading another kind of key may take long. */
const PKCS8_OF_RSA = /^3082[0-9a-f]{4}020100300d06092a864886f70d010101/;
const HEADER_BYTES = 20;
const MOST_EXPONENT_BITS = 32;
/** The primes of a real key have half of its bits each. */
const LENIENCE_BITS = 64;

/**
 * Reads the PEM of an RSA private key that somebody else has made. To sign with a key blocks the thread for a time that
 * grows with the cube of its numbers: 2 ms for 2,048 bits, 25 s for 15,360. So all its numbers are bounded, not only the
 * modulus; and the key that is returned is made of these numbers alone, because a PEM may have more primes than two. Takes
 * less than a millisecond, whatever the key is.
 */
export function readRsaKey(text: string): RsaKeyReading {
  const numbers = text.length <= LONGEST_PEM ? numbersOf(text) : undefined;
  if (!numbers) return { fault: 'unreadable' };
  const bits = bitsOf(numbers.n);
  if (bits < rsaBits.least || bits > rsaBits.most) return { fault: 'size', bits };
  const { e, d, p, q, dp, dq, qi } = numbers;
  const half = bits / 2 + LENIENCE_BITS;
  const fits = bitsOf(e) <= MOST_EXPONENT_BITS && bitsOf(d) <= bits;
  if (!fits || [p, q, dp, dq, qi].some((part) => bitsOf(part) > half)) return { fault: 'numbers' };
  try {
    const key = createPrivateKey({ key: { kty: 'RSA', ...numbers }, format: 'jwk' });
    return { fault: null, pem: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
  } catch {
    // Newer versions of Node.js look whether the numbers belong together.
    return { fault: 'numbers' };
  }
}

/** By their names in a JWK (RFC 7518, 6.3), in base64url. */
const names = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const;
type Numbers = Readonly<Record<(typeof names)[number], string>>;

function numbersOf(text: string): Numbers | undefined {
  const [, isPkcs1, base64 = ''] = PEM.exec(text) ?? [];
  const header = Buffer.from(base64, 'base64').subarray(0, HEADER_BYTES).toString('hex');
  if (!isPkcs1 && !PKCS8_OF_RSA.test(header)) return undefined;
  try {
    const key = createPrivateKey(text.trim()).export({ format: 'jwk' });
    return key.kty === 'RSA'
      ? (Object.fromEntries(names.map((name) => [name, key[name] ?? ''])) as Numbers)
      : undefined;
  } catch {
    return undefined;
  }
}

function bitsOf(number: string): number {
  const bytes = Buffer.from(number, 'base64url');
  const first = bytes.findIndex((byte) => byte !== 0);
  return first === -1 ? 0 : (bytes.length - first) * 8 - Math.clz32(bytes[first] ?? 0) + 24;
}
