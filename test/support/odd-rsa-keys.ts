import { createPrivateKey, randomBytes } from 'node:crypto';

type Part = 'n' | 'e' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi';

/**
 * The PEM of an RSA key of random numbers with so many bits. It signs nothing that could be verified; to look at its
 * size, no primes need be found, which for the largest would take minutes. `changed`: the bits of single numbers.
 */
export function oddRsaKey(bits: number, changed: Partial<Record<Part, number>> = {}): string {
  const half = bits / 2;
  const sizes = { n: bits, d: bits, p: half, q: half, dp: half, dq: half, qi: half, ...changed };
  const numbers = Object.entries(sizes).map(([name, size]) => [name, oddNumber(size)]);
  const key = { kty: 'RSA', e: 'AQAB', ...(Object.fromEntries(numbers) as Record<string, string>) };
  return createPrivateKey({ key, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' }).toString();
}

function oddNumber(bits: number): string {
  const bytes = randomBytes(Math.ceil(bits / 8));
  const spare = bytes.length * 8 - bits;
  bytes.writeUInt8(((bytes.readUInt8(0) | 0x80) & 0xff) >> spare, 0);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) | 1, bytes.length - 1);
  return bytes.toString('base64url');
}
