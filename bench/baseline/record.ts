import { renewalDelayMs } from '../support/due-times.ts';
import type { BareTokens } from './cloud.ts';

/** What the bare loop keeps in Vault for a connection, as few fields as it can do with. */
export interface BareRecord {
  readonly refresh_token: string;
  readonly next_refresh_at_ms: number;
  /** Version of the record that is handed out, so that writing it needs no read before. */
  readonly access_version: number;
  readonly spending?: { readonly attempt: string; readonly started_at_ms: number };
}

export interface BareAccess {
  readonly access_token: string;
  readonly expires_at_ms: number;
}

export const renewalPath = (id: string): string => `live/${id}/renewal`;
export const accessPath = (id: string): string => `live/${id}/access`;

export const recordOf = (tokens: BareTokens, accessVersion: number): BareRecord => ({
  refresh_token: tokens.refresh_token,
  next_refresh_at_ms: Date.now() + renewalDelayMs(tokens.expires_in, Math.random()),
  access_version: accessVersion,
});

export const accessOf = ({ access_token, expires_in }: BareTokens): BareAccess => ({
  access_token,
  expires_at_ms: Date.now() + expires_in * 1000,
});
