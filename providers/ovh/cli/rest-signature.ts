import { bearer, createSigner, type Authenticate, type ServerTime } from '../signature.ts';
import type { Credential } from './credential.ts';

/** What every request of a listing is authenticated by. */
export const createAuthenticate = (credential: Credential, now: () => number, serverTime: ServerTime): Authenticate =>
  credential.kind === 'token' ? bearer(credential.accessToken) : createSigner(credential, now, serverTime);
