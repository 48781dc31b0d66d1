import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

import type { SandboxRequest } from '../../core/cloud.ts';

/** What a request's `Authorization` header says of its signer (AWS Signature Version 4). */
export interface Signature {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const FORM =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

export function readSignature({ headers }: SandboxRequest): Signature | undefined {
  const [, accessKeyId, date, region, service, signedHeaders, signature] = FORM.exec(headers.authorization ?? '') ?? [];
  if (!accessKeyId || !date || !region || !service || !signedHeaders || !signature) return undefined;
  return { accessKeyId, date, region, service, signedHeaders: signedHeaders.split(';'), signature };
}

/** Whether the signature was made with that secret, over this very request. Its time is not checked. */
export function isSignedWith(secretAccessKey: string, request: SandboxRequest, signed: Signature): boolean {
  const { date, region, service, signedHeaders } = signed;
  const canonicalRequest = [
    request.method,
    request.path,
    [...request.query]
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .toSorted()
      .join('&'),
    ...signedHeaders.map((name) => `${name}:${String(request.headers[name] ?? '').trim()}`),
    '',
    signedHeaders.join(';'),
    sha256(request.body),
  ].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const at = String(request.headers['x-amz-date'] ?? '');
  const text = ['AWS4-HMAC-SHA256', at, scope, sha256(canonicalRequest)].join('\n');
  const key = [date, region, service, 'aws4_request'].reduce<Buffer>(
    (derived, part) => hmac(derived, part),
    Buffer.from(`AWS4${secretAccessKey}`),
  );
  return timingSafeEqual(hmac(key, text), Buffer.from(signed.signature, 'hex'));
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
