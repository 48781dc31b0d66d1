import { timingSafeEqual } from 'node:crypto';

import { refuse, type Refusal } from './errors.ts';

export interface OAuthApplication {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly name: string;
  readonly flow: 'authorization_code' | 'client_credentials';
}

/** Client authentication with the credentials in the body (RFC 6749, 2.3.1), the only way OVHcloud's users report. */
export function authenticate(
  applications: readonly OAuthApplication[],
  form: URLSearchParams,
): OAuthApplication | Refusal {
  const application = applications.find(({ clientId }) => clientId === form.get('client_id'));
  if (!application || !same(application.clientSecret, form.get('client_secret') ?? '')) {
    return refuse('invalid_client', 'Client authentication failed');
  }
  return application;
}

function same(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
