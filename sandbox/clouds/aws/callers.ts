import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../../platform/clock.ts';
import type { SandboxRequest } from '../../core/cloud.ts';
import type { Tables } from '../../core/tables.ts';
import type { AwsPartition } from './accounts.ts';

export interface Caller {
  readonly accountId: string;
  readonly arn: string;
  readonly userId: string;
  /** The region whose endpoint was meant. */
  readonly region: string;
  /** Null where an account acts with its own key. */
  readonly session: Session | null;
}

/** Why a request is not from anyone. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

export interface Session {
  readonly partition: string;
  readonly accountId: string;
  readonly arn: string;
  readonly userId: string;
  readonly roleArn: string;
  /** The policy that it was narrowed with. */
  readonly policy: string | null;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

/** The signer of a request, or why its signature is not valid. */
export interface Callers {
  identify(partition: AwsPartition, request: SandboxRequest): Caller | Refusal;
  add(session: Session): void;
  sessions(): Session[];
  /** As if their time were over. */
  endSessions(): void;
}

export function createCallers({ tables, clock }: { tables: Tables; clock: Clock }): Callers {
  const sessions = tables.table<Session>('aws.sessions');

  return {
    identify(partition, request) {
      const refuse = (code: string, message: string): Refusal => ({ code, message });
      const signature = readSignature(request);
      if (!signature) return refuse('MissingAuthenticationToken', 'Request is missing Authentication Token');
      const { accessKeyId, region } = signature;
      const session = sessions.get(accessKeyId);
      const account = [partition.operator, ...partition.customers].find((known) => known.accessKeyId === accessKeyId);
      const known = account ?? (session?.partition === partition.id ? session : undefined);
      const token = request.headers['x-amz-security-token'];
      if (!known || (session && token !== session.sessionToken)) {
        return refuse('InvalidClientTokenId', 'The security token included in the request is invalid.');
      }
      if (!isSignedWith(known.secretAccessKey, request, signature)) {
        return refuse(
          'SignatureDoesNotMatch',
          'The request signature we calculated does not match the one you provided.',
        );
      }
      if (session && clock.now() >= session.expiresAt) {
        return refuse('ExpiredToken', 'The security token included in the request is expired');
      }
      return account
        ? {
            accountId: account.id,
            arn: account.arn,
            userId: account.accessKeyId.replace('AKIA', 'AIDA'),
            region,
            session: null,
          }
        : {
            accountId: session?.accountId ?? '',
            arn: session?.arn ?? '',
            userId: session?.userId ?? '',
            region,
            session: session ?? null,
          };
    },
    add: (session) => sessions.put(session.accessKeyId, session),
    sessions: () => [...sessions.values()],
    endSessions() {
      for (const session of sessions.values()) sessions.put(session.accessKeyId, { ...session, expiresAt: 0 });
    },
  };
}

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

function readSignature({ headers }: SandboxRequest): Signature | undefined {
  const [, accessKeyId, date, region, service, signedHeaders, signature] = FORM.exec(headers.authorization ?? '') ?? [];
  if (!accessKeyId || !date || !region || !service || !signedHeaders || !signature) return undefined;
  return { accessKeyId, date, region, service, signedHeaders: signedHeaders.split(';'), signature };
}

/** Whether the signature was made with that secret, over this very request. Its time is not checked. */
function isSignedWith(secretAccessKey: string, request: SandboxRequest, signed: Signature): boolean {
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
