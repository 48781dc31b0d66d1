import { searchAttributes } from '../../workflows/contracts/search-attributes.ts';
import { apiProblems } from '../problem.ts';
import type { Lookup } from './lookup.ts';

const KEPT = 10_000;

/**
 * Whose a connection is never changes, so that it is looked up once. Every message passes here first: a workflow's
 * validator is the second check, and signals have none.
 */
export function createOwners(lookup: Lookup): { assertOwned(tenant: string, id: string): Promise<void> } {
  const owners = new Map<string, string>();

  const find = async (id: string): Promise<string | undefined> => {
    const description = await lookup.describe(id);
    if (!description) return (await lookup.remains(id))?.tenant;
    const tenant = description.searchAttributes[searchAttributes.tenant.name]?.[0];
    return typeof tenant === 'string' ? tenant : undefined;
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
