import type { Clock } from '../../../platform/clock.ts';
import type { Reply, SandboxRequest } from '../../core/cloud.ts';
import type { Tables } from '../../core/tables.ts';
import type { AwsPartition } from './accounts.ts';
import { failure, type Service } from './replies.ts';
import { isSignedWith, readSignature } from './signature.ts';

export interface Caller {
  readonly accountId: string;
  readonly arn: string;
  readonly userId: string;
  /** The region whose endpoint was meant. */
  readonly region: string;
}

export interface Session {
  readonly partition: string;
  readonly accountId: string;
  readonly arn: string;
  readonly userId: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

/** Says who signed a request, or why nobody did. */
export interface Callers {
  identify(partition: AwsPartition, service: Service, request: SandboxRequest): Caller | Reply;
  add(session: Session): void;
  sessions(): Session[];
}

export function createCallers({ tables, clock }: { tables: Tables; clock: Clock }): Callers {
  const sessions = tables.table<Session>('aws.sessions');

  return {
    identify(partition, service, request) {
      const refuse = (code: string, message: string) => failure(service, 403, code, message);
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
        ? { accountId: account.id, arn: account.arn, userId: account.accessKeyId.replace('AKIA', 'AIDA'), region }
        : { accountId: session?.accountId ?? '', arn: session?.arn ?? '', userId: session?.userId ?? '', region };
    },
    add: (session) => sessions.put(session.accessKeyId, session),
    sessions: () => [...sessions.values()],
  };
}
