import { randomBytes } from 'node:crypto';

type Part = 'n' | 'e' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi';

const RSA_ENCRYPTION = Buffer.from('300d06092a864886f70d0101010500', 'hex');
const ZERO = Buffer.from('020100', 'hex');

/**
 * The PEM of an RSA key of random numbers with so many bits. It signs nothing that could be verified; to look at its
 * size, no primes need be found, which for the largest would take minutes. `changed`: the bits of single numbers.
 */
export function oddRsaKey(bits: number, changed: Partial<Record<Part, number>> = {}): string {
  const half = bits / 2;
  const sizes = { n: bits, e: 17, d: bits, p: half, q: half, dp: half, dq: half, qi: half, ...changed };
  const order = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const;
  // RFC 8017, A.1.2, within RFC 5208, 5.
  const key = der(0x30, ZERO, ...order.map((name) => integer(oddNumber(sizes[name]))));
  return pem(der(0x30, ZERO, RSA_ENCRYPTION, der(0x04, key)));
}

export function pem(key: Buffer): string {
  const lines = key.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
}

/** A type with its content (ITU-T X.690, 8.1). */
export function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

export const integer = (number: Buffer): Buffer => der(0x02, Buffer.from([0]), number);

export function oddNumber(bits: number): Buffer {
  const bytes = randomBytes(Math.ceil(bits / 8));
  const spare = bytes.length * 8 - Math.floor(bits);
  bytes[0] = (bytes.readUInt8(0) | 0x80) >> spare;
  bytes[bytes.length - 1] = bytes.readUInt8(bytes.length - 1) | 1;
  return bytes;
}
