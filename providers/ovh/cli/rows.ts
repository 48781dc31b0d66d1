import { Value } from 'typebox/value';
import type { Json, JsonObject } from '../../../platform/json.ts';
import type { Loss, Resource } from '../../listing/lister.ts';
import type { OvhKindId } from './kinds.ts';
import { rowFacts, type RowFacts } from './row-facts.ts';
import { rowSchemas } from './row-schemas.ts';
import { withoutSecrets } from './without-secrets.ts';

/** Rows as the API or the program gave them, as resources. One that can't be read is a loss, not an end. */
export function readRows(
  kind: OvhKindId,
  projectId: string | null,
  rows: readonly unknown[],
): { readonly resources: readonly Resource[]; readonly losses: readonly Loss[] } {
  // The API may answer an id twice while it changes; a resource is one all the same.
  const resources = new Map<string, Resource>();
  const losses: Loss[] = [];
  for (const [index, row] of rows.entries()) {
    const facts = factsOf(kind, row);
    if (facts === undefined) losses.push(unreadableRow(kind, index));
    else {
      const resource = resourceOf(kind, projectId, facts, row as JsonObject);
      resources.set(resource.key, resource);
    }
  }
  return { resources: [...resources.values()], losses };
}

function factsOf(kind: OvhKindId, row: unknown): RowFacts | undefined {
  const [schema, facts] = [rowSchemas[kind], rowFacts[kind] as (row: unknown) => RowFacts];
  return Value.Check(schema, row) ? facts(row) : undefined;
}

function resourceOf(kind: OvhKindId, projectId: string | null, facts: RowFacts, row: JsonObject): Resource {
  const { id, at, name, region, status, url, summary } = facts;
  const known = Object.entries(summary).filter((entry): entry is [string, Json] => entry[1] !== undefined);
  return {
    kind,
    key: at ? `${id}@${at}` : id,
    id,
    name: name || id,
    region: region ?? null,
    status: status ?? null,
    projectId,
    url: url ? withScheme(url) : null,
    summary: Object.fromEntries(known),
    raw: withoutSecrets(row),
  };
}

/** Kubernetes clusters give a bare host name. */
const withScheme = (url: string): string => (url.includes('://') ? url : `https://${url}`);

const unreadableRow = (kind: OvhKindId, index: number): Loss => ({
  path: `${kind}[${index}]`,
  class: 'config',
  problem: {
    code: 'row_unreadable',
    message: `One row of the list (number ${index + 1}) has no shape that Mooring knows.`,
    remedy: 'The rest of the list is kept. Report it with the kind of resource: OVHcloud may have changed its API.',
  },
});
