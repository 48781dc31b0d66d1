import { createHash } from 'node:crypto';
import { KeyRingError, type KeyRing } from '../../platform/key-ring.ts';
import { apiProblems } from './problem.ts';

export interface Cursors {
  seal(tenant: string, filters: object, pageToken: Uint8Array): string;
  /** Throws `invalid_cursor` for one that was changed, or made for another list, tenant or other filters. */
  open(tenant: string, filters: object, cursor: string): Uint8Array;
}

/** A page token contains values of rows. So it is encrypted, and bound to the list, the tenant and the filters. */
export function createCursors(keyRing: KeyRing, list = 'connections'): Cursors {
  const contextOf = (tenant: string, filters: object): string =>
    createHash('sha256')
      .update(canonical(list, tenant, filters))
      .digest('hex');
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

/** The same text for the same filters, in any order of the filters and of their values. */
function canonical(list: string, tenant: string, filters: object): string {
  const given = Object.entries(filters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]: [string, unknown]) => [name, Array.isArray(value) ? value.map(String).sort() : value] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([list, tenant, given]);
}
