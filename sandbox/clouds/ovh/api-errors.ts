import type { Reply } from '../../core/cloud.ts';

const failure = (status: number, errorClass: string, message: string) => ({
  status,
  body: { class: errorClass, message },
});

/** OVHcloud's API errors as they look on the wire; two generations of shapes are in use side by side. */
export const apiErrors = {
  notSignedIn: failure(401, 'Client::Unauthorized', 'You must login first'),
  invalidCredential: {
    status: 403,
    body: { errorCode: 'INVALID_CREDENTIAL', httpCode: '403 Forbidden', message: 'This credential is not valid' },
  },
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
  tooManyRequests: failure(429, 'Client::TooManyRequests', 'Too many requests, please retry later'),
  internal: failure(500, 'Server::InternalServerError', 'Internal server error'),
} as const satisfies Record<string, Reply | ((...input: never[]) => Reply)>;
