import { apiProblems } from '../http/problem.ts';
import type { Lookup } from './lookup.ts';

const KEPT = 10_000;

/**
 * Whose a connection is never changes, so that it is looked up once. Every message passes here first: a workflow's
 * validator is the second check, and signals have none.
 */
export function createOwners(lookup: Pick<Lookup, 'describe' | 'tombstone'>): {
  assertOwned(tenant: string, id: string): Promise<void>;
} {
  const owners = new Map<string, string>();

  const find = async (id: string): Promise<string | undefined> => {
    const description = await lookup.describe(id);
    return description ? description.execution.attributes.tenant : (await lookup.tombstone(id))?.view.tenant;
  };

  return {
    async assertOwned(tenant, id) {
      let owner = owners.get(id);
      if (owner === undefined) {
        owner = await find(id);
        if (owner !== undefined) {
          const [oldest] = owners.size >= KEPT ? owners.keys() : [];
          if (oldest !== undefined) owners.delete(oldest);
          owners.set(id, owner);
        }
      }
      if (owner !== tenant) throw apiProblems.connectionNotFound();
    },
  };
}
