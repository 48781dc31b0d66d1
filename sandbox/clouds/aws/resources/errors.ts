import { createHash } from 'node:crypto';

import type { Reply } from '../../../core/cloud.ts';
import type { ResourceService } from '../accounts.ts';
import { render, type Elements } from '../replies.ts';

/** How services say the same thing: four protocols, and names of their own. */
interface Dialect {
  readonly protocol: 'ec2' | 'query' | 'json' | 'rest-json' | 's3';
  readonly denied: string;
  readonly unknownSession: string;
  readonly throttled: string;
}

const query: Dialect = {
  protocol: 'query',
  denied: 'AccessDenied',
  unknownSession: 'InvalidClientTokenId',
  throttled: 'Throttling',
};
const json: Dialect = {
  protocol: 'json',
  denied: 'AccessDeniedException',
  unknownSession: 'UnrecognizedClientException',
  throttled: 'ThrottlingException',
};
const rest: Dialect = { ...json, protocol: 'rest-json' };

const dialects: Readonly<Record<ResourceService, Dialect>> = {
  ec2: {
    protocol: 'ec2',
    denied: 'UnauthorizedOperation',
    unknownSession: 'AuthFailure',
    throttled: 'RequestLimitExceeded',
  },
  rds: query,
  elasticloadbalancing: query,
  s3: { protocol: 's3', denied: 'AccessDenied', unknownSession: 'InvalidAccessKeyId', throttled: 'SlowDown' },
  ecs: json,
  ecr: json,
  tagging: json,
  lambda: { ...rest, throttled: 'TooManyRequestsException' },
  eks: rest,
  account: { ...rest, throttled: 'TooManyRequestsException' },
};

/** An error as that service sends it. */
export function resourceError(service: ResourceService, status: number, code: string, message: string): Reply {
  const xml = (elements: Elements): Reply => ({
    status,
    headers: { 'content-type': 'text/xml' },
    body: render(elements),
  });
  const requestId = { RequestId: '00000000-0000-4000-8000-000000000000' };
  switch (dialects[service].protocol) {
    case 'ec2':
      return xml({ Response: { Errors: { Error: { Code: code, Message: message } }, ...requestId } });
    case 'query':
      return xml({ ErrorResponse: { Error: { Type: 'Sender', Code: code, Message: message }, ...requestId } });
    case 's3':
      return xml({ Error: { Code: code, Message: message, ...requestId } });
    case 'json':
      return {
        status,
        headers: { 'content-type': 'application/x-amz-json-1.1' },
        body: JSON.stringify({ __type: code, message }),
      };
    case 'rest-json':
      return {
        status,
        headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
        body: JSON.stringify({ message }),
      };
  }
}

/** `why` ends the sentence. The services of the JSON protocol refuse with 400. */
export function deniedError(service: ResourceService, caller: string, right: string, why: string): Reply {
  const { protocol, denied } = dialects[service];
  const sentence = `User: ${caller} is not authorized to perform: ${right}${protocol === 'ec2' ? '' : ' on resource: *'} ${why}`;
  const encoded = createHash('sha512').update(sentence).digest('base64url');
  const message =
    protocol === 'ec2'
      ? `You are not authorized to perform this operation. ${sentence}. Encoded authorization failure message: ${encoded}`
      : sentence;
  return resourceError(service, protocol === 'json' ? 400 : 403, denied, message);
}

/** The session is not known in that region. */
export const unknownSessionError = (service: ResourceService): Reply =>
  resourceError(
    service,
    service === 'ec2' ? 401 : dialects[service].protocol === 'json' ? 400 : 403,
    dialects[service].unknownSession,
    'The security token included in the request is invalid.',
  );

export const throttledError = (service: ResourceService): Reply =>
  resourceError(
    service,
    service === 'ec2' || service === 's3' ? 503 : service === 'lambda' || service === 'eks' ? 429 : 400,
    dialects[service].throttled,
    'Rate exceeded',
  );
