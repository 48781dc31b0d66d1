import type { Client } from '@temporalio/client';

/** A row of visibility; its search attributes by name. */
export interface VisibilityRow {
  readonly id: string;
  readonly attributes: Readonly<Record<string, { readonly type: 'Datetime' | 'Keyword'; readonly value: string }>>;
}

interface ListRequest {
  readonly query: string;
  readonly pageSize: number;
  readonly nextPageToken?: Uint8Array;
}

/** Visibility that answers the rows which `found` has for a query, in its order, and counts what it is asked. */
export function createVisibility(found: (query: string) => readonly VisibilityRow[]) {
  const asked = { counts: 0, rows: 0 };
  const client = {
    options: { namespace: 'default' },
    withDeadline: async (_at: number, call: () => Promise<unknown>) => await call(),
    workflow: {
      async count(query: string) {
        asked.counts += 1;
        return { count: found(query).length };
      },
    },
    workflowService: {
      async listWorkflowExecutions({ query, pageSize, nextPageToken }: ListRequest) {
        const from = Number(Buffer.from(nextPageToken ?? []).toString());
        const all = found(query);
        const page = all.slice(from, from + pageSize);
        asked.rows += page.length;
        return {
          executions: page.map(({ id, attributes }) => ({
            execution: { workflowId: id },
            searchAttributes: { indexedFields: indexed(attributes) },
          })),
          nextPageToken: from + pageSize < all.length ? Buffer.from(String(from + pageSize)) : new Uint8Array(),
        };
      },
    },
  } as unknown as Client;
  return { client, asked };
}

const indexed = (attributes: VisibilityRow['attributes']) =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { type, value }]) => [
      name,
      {
        metadata: { encoding: Buffer.from('json/plain'), type: Buffer.from(type) },
        data: Buffer.from(JSON.stringify(value)),
      },
    ]),
  );
