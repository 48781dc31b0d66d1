import type { Reply } from '../../core/cloud.ts';
import type { FaultAction } from '../../core/faults.ts';

const keyFailure = (status: number, errorCode: string, message: string) => ({
  status,
  body: { errorCode, httpCode: status === 400 ? '400 Bad Request' : '403 Forbidden', message },
});

const failure = (status: number, errorClass: string, message: string) => ({
  status,
  body: { class: errorClass, message },
});

/** OVHcloud's API errors as they look on the wire; two generations of shapes are in use side by side. */
export const apiErrors = {
  notSignedIn: failure(401, 'Client::Unauthorized', 'You must login first'),
  invalidCredential: keyFailure(403, 'INVALID_CREDENTIAL', 'This credential is not valid'),
  noSuchCredential: keyFailure(403, 'NOT_CREDENTIAL', 'This credential does not exist'),
  notGrantedCall: keyFailure(403, 'NOT_GRANTED_CALL', 'This call has not been granted'),
  invalidKey: keyFailure(403, 'INVALID_KEY', 'This application key is invalid'),
  invalidSignature: keyFailure(400, 'INVALID_SIGNATURE', 'Invalid signature'),
  outOfTime: keyFailure(400, 'QUERY_TIME_OUT', 'Query out of time'),
  /** IAM's refusal; `actions` are what the identity lacks. */
  notGranted: (actions: readonly string[]) => ({
    status: 403,
    body: {
      class: 'Client::Forbidden',
      message: 'User not granted for this request',
      details: { unauthorizedActionsByIAM: actions.join(', ') },
    },
  }),
  noSuchPath: failure(404, 'Client::NotFound', 'Got an invalid (or empty) URL'),
  noSuchService: failure(404, 'Client::NotFound', 'This service does not exist'),
  noSuchObject: (id: string) => failure(404, 'Client::NotFound', `The requested object (id = ${id}) does not exist`),
  badRequest: (message: string) => failure(400, 'Client::BadRequest', message),
  conflict: (message: string) => failure(409, 'Client::Conflict', message),
  tooManyRequests: failure(429, 'Client::TooManyRequests', 'Too many requests, please retry later'),
  internal: failure(500, 'Server::InternalServerError', 'Internal server error'),
} as const satisfies Record<string, Reply | ((...input: never[]) => Reply)>;

const failing = ({ status, body }: Reply): FaultAction => ({ kind: 'respond', status, body });

/** OVHcloud's own failures, to be put into a fault rule. */
export const ovhFailures = {
  notSignedIn: failing(apiErrors.notSignedIn),
  invalidCredential: failing(apiErrors.invalidCredential),
  /** 403 of IAM, naming the actions that are missing, e.g. `publicCloudProject:apiovh:instance/get`. */
  notGranted: (...actions: [string, ...string[]]) => failing(apiErrors.notGranted(actions)),
  tooManyRequests: failing(apiErrors.tooManyRequests),
  internal: failing(apiErrors.internal),
} as const;
