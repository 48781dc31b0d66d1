import type { Reply } from '../../core/cloud.ts';

/** OVHcloud's API errors as they look on the wire; two generations of shapes are in use side by side. */
export const apiErrors = {
  notSignedIn: { status: 401, body: { class: 'Client::Unauthorized', message: 'You must login first' } },
  invalidCredential: {
    status: 403,
    body: { errorCode: 'INVALID_CREDENTIAL', httpCode: '403 Forbidden', message: 'This credential is not valid' },
  },
  notFound: {
    status: 404,
    body: { class: 'Client::NotFound', message: 'Got an invalid (or empty) URL' },
  },
} as const satisfies Record<string, Reply>;
