import { createSign, createVerify, type KeyObject } from 'node:crypto';

type Claims = Readonly<Record<string, unknown>>;

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JWT signed with RS256 (RFC 7515, 3.1). */
export function signed(claims: Claims, privateKey: KeyObject): string {
  const input = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${input}.${createSign('RSA-SHA256').update(input).sign(privateKey).toString('base64url')}`;
}

/** The claims, not yet believed; undefined where it is no JWT with RS256. */
export function claimsOf(jwt: string): Claims | undefined {
  try {
    const [header = '', payload = ''] = jwt.split('.');
    const { alg } = parse(header);
    return alg === 'RS256' ? parse(payload) : undefined;
  } catch {
    return undefined;
  }
}

export function isSignedBy(jwt: string, publicKeyPem: string): boolean {
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  const verify = createVerify('RSA-SHA256').update(`${header}.${payload}`);
  return verify.verify(publicKeyPem, Buffer.from(signature, 'base64url'));
}

const parse = (part: string): Claims => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Claims;
