import { createHash } from 'node:crypto';
import { KeyRingError, type KeyRing } from '../../platform/key-ring.ts';
import { apiProblems } from '../problem.ts';
import type { ListFilters } from './list-query.ts';

export interface Cursors {
  seal(tenant: string, filters: ListFilters, pageToken: Uint8Array): string;
  /** Throws `invalid_cursor` for one that was changed, or made for another tenant or other filters. */
  open(tenant: string, filters: ListFilters, cursor: string): Uint8Array;
}

/** A page token holds values of Temporal's rows: it is sealed, and bound to the tenant and filters it was made for. */
export function createCursors(keyRing: KeyRing): Cursors {
  return {
    seal: (tenant, filters, pageToken) => keyRing.seal('cursor', pageToken, contextOf(tenant, filters)),
    open(tenant, filters, cursor) {
      try {
        return keyRing.open('cursor', cursor, contextOf(tenant, filters));
      } catch (error) {
        if (error instanceof KeyRingError) throw apiProblems.invalidCursor();
        throw error;
      }
    },
  };
}

function contextOf(tenant: string, filters: ListFilters): string {
  const { status, provider, region, method, reason, tag } = filters;
  const canonical = JSON.stringify([tenant, status?.toSorted(), provider, region, method, reason, tag]);
  return createHash('sha256').update(canonical).digest('hex');
}
