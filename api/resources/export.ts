import { Readable } from 'node:stream';
import { Type } from 'typebox';
import type { Json } from '../../platform/json.ts';
import type { Inventory, InventoryFilter } from '../../stores/inventory/port.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { tenantOf } from '../http/plugins/authentication.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { ConnectionParams } from '../http/schema.ts';
import { ResourceFiltersQuery, resourceReply, type Resource } from './schema.ts';

const columns = [
  'connection',
  'kind',
  'project',
  'id',
  'name',
  'region',
  'status',
  'url',
  'source',
  'summary',
] as const;

/** What a spreadsheet reads as the start of a formula (OWASP, "CSV Injection"), with full-width forms. */
const FORMULA = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

const csvHeader = `${columns.join(',')}\r\n`;

/**
 * One record (RFC 4180): every field in quotes, CRLF at the end. Customers choose the names of resources, so a field
 * that would run as a formula gets an apostrophe in front.
 */
function csvRecord(resource: Resource): string {
  const fields = columns.map((column) => {
    const value = resource[column];
    return quoted(typeof value === 'object' && value !== null ? JSON.stringify(value) : (value ?? ''));
  });
  return `${fields.join(',')}\r\n`;
}

const quoted = (text: string): string => `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;

const formats = [
  {
    extension: 'ndjson',
    operationId: 'exportResourcesAsNdjson',
    description: 'One JSON object a line.',
    contentType: 'application/x-ndjson',
    header: '',
    line: (resource: Resource): string => `${JSON.stringify(resource)}\n`,
  },
  {
    extension: 'csv',
    operationId: 'exportResourcesAsCsv',
    description: 'RFC 4180. A field that a spreadsheet would run as a formula begins with an apostrophe.',
    contentType: 'text/csv; charset=utf-8',
    header: csvHeader,
    line: csvRecord,
  },
] as const;

export function registerExports(app: App, { connections, inventory }: AppDependencies): void {
  for (const { extension, operationId, description, contentType, ...format } of formats) {
    app.get(
      `/v1/connections/:id/resources.${extension}`,
      {
        config: { access: 'connections:read', audit: 'each' },
        schema: {
          operationId,
          summary: `Resources of a connection as ${extension.toUpperCase()}`,
          description,
          tags: ['resources'],
          params: ConnectionParams,
          querystring: ResourceFiltersQuery,
          response: {
            200: {
              description: 'All of them, streamed.',
              content: { [contentType]: { schema: Type.Unsafe<Readable>({ type: 'string', description }) } },
            },
            ...problemReplies(400, 401, 403, 404, 429, 503),
          },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        await connections.assertOwned(tenantOf(request), id);
        const stream = await exportStream(inventory, id, request.query, format);
        return await reply
          .header('content-disposition', `attachment; filename="${id}.${extension}"`)
          .header('cache-control', 'no-store')
          .type(contentType)
          .send(stream);
      },
    );
  }
}

const ROWS_A_CHUNK = 500;

/**
 * Streams all resources of a connection as text, so that they are never all in memory. The first rows are read before
 * the reply starts, so that a store which does not answer gives a problem document and not a broken file.
 */
async function exportStream(
  inventory: Pick<Inventory, 'page'>,
  connection: string,
  filter: InventoryFilter,
  format: { readonly header: string; readonly line: (resource: Resource) => string },
): Promise<Readable> {
  const read = async (after: Json | null) => await inventory.page(connection, filter, after, ROWS_A_CHUNK);
  const first = await read(null);
  async function* chunks(): AsyncGenerator<string> {
    if (format.header !== '') yield format.header;
    for (let page = first; ; page = await read(page.next)) {
      if (page.rows.length > 0) yield page.rows.map((row) => format.line(resourceReply(connection, row))).join('');
      if (page.next === null) return;
    }
  }
  return Readable.from(chunks());
}
