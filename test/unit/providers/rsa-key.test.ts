import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { readRsaKey } from '../../../providers/manifests/rsa-key.ts';
import { der, integer, oddNumber, oddRsaKey, pem } from '../../support/odd-rsa-keys.ts';

const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;
const real = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

describe('an RSA key that somebody else has made', () => {
  test.each([
    ['PKCS #8', real.export(pkcs8)],
    ['PKCS #1', real.export({ type: 'pkcs1', format: 'pem' })],
    ['PKCS #8 with line ends of Windows', String(real.export(pkcs8)).replaceAll('\n', '\r\n')],
  ])('a key in %s is read, and what is signed with it is valid', (_form, text) => {
    const reading = readRsaKey(String(text));
    expect(reading.fault).toBeNull();
    const signature = sign('sha256', Buffer.from('text'), reading.fault === null ? reading.pem : '');
    expect(verify('sha256', Buffer.from('text'), createPublicKey(real), signature)).toBe(true);
  });

  test.each([2048, 4096])('a key of %i bits is accepted', (modulusLength) => {
    const key = generateKeyPairSync('rsa', { modulusLength }).privateKey;
    expect(readRsaKey(String(key.export(pkcs8))).fault).toBeNull();
  });

  test('a key of 2048 bits whose numbers do not belong together is refused', () => {
    expect(readRsaKey(oddRsaKey(2048))).toEqual({ fault: 'numbers' });
  });

  test.each([512, 1024, 2047, 4097, 8192, 15_360])('a key of %i bits is refused by its size', (bits) => {
    expect(readRsaKey(oddRsaKey(bits))).toEqual({ fault: 'size', bits });
  });

  test.each([
    ['a public exponent', { e: 2048 }],
    ['a private exponent', { d: 40_000 }],
    ['primes', { p: 10_000, q: 10_000 }],
    ['one prime', { q: 2048 }],
    ['exponents of its primes', { dp: 10_000, dq: 10_000 }],
    ['a coefficient', { qi: 10_000 }],
  ])('a key of 2048 bits with %s that would take seconds to sign with is refused', (_what, changed) => {
    expect(readRsaKey(oddRsaKey(2048, changed))).toEqual({ fault: 'numbers' });
  });

  test('a real key of 2048 bits to which a public exponent of as many bits was given is refused', () => {
    const key = { ...real.export({ format: 'jwk' }), e: oddNumber(2048).toString('base64url') };
    const text = String(createPrivateKey({ key, format: 'jwk' }).export(pkcs8));
    expect(readRsaKey(text)).toEqual({ fault: 'numbers' });
  });

  test.each([
    ['nothing', ''],
    ['text', 'MIIEvQIBADANBg'],
    ['a public key', String(createPublicKey(real).export({ type: 'spki', format: 'pem' }))],
    ['a key that was cut short', String(real.export(pkcs8)).slice(0, 900)],
    ['a key that was cut short within its frame', String(real.export(pkcs8)).replace(/\n.{64}\n/, '\n')],
    ['an elliptic key', String(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(pkcs8))],
    ['an Edwards key', String(generateKeyPairSync('ed25519').privateKey.export(pkcs8))],
    ['a key of RSASSA-PSS', String(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey.export(pkcs8))],
    ['a key under a password', encrypted()],
    ['two keys', String(real.export(pkcs8)).repeat(2)],
    ['more text than any key has', String(real.export(pkcs8)).padEnd(20_000)],
  ])('%s is no key that is read', (_what, text) => {
    expect(readRsaKey(text)).toEqual({ fault: 'unreadable' });
  });

  test('a key of another algorithm is refused before it is given to OpenSSL, which would calculate with its numbers', () => {
    const dsa = dsaKey(4_000);
    expect(createPrivateKey(dsa).asymmetricKeyType, 'OpenSSL reads it').toBe('dsa');
    const startedAt = performance.now();
    for (let times = 0; times < 100; times += 1) expect(readRsaKey(dsa)).toEqual({ fault: 'unreadable' });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});

function encrypted(): string {
  return String(real.export({ ...pkcs8, cipher: 'aes-256-cbc', passphrase: 'secret' }));
}

/** PKCS #8 of a DSA key with a random modulus: its public half is calculated while it is read. */
function dsaKey(bits: number): string {
  const oid = Buffer.from('06072a8648ce380401', 'hex');
  const [p, q, g, x] = [bits, 256, bits - 8, 256].map((size) => integer(oddNumber(size))) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ];
  return pem(der(0x30, Buffer.from('020100', 'hex'), der(0x30, oid, der(0x30, p, q, g)), der(0x04, x)));
}
