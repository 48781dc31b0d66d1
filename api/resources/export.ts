import { Readable } from 'node:stream';
import { Type } from 'typebox';
import type { Json } from '../../platform/json.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { tenantOf } from '../http/principal.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { ConnectionParams } from '../http/schema.ts';
import { acrossConnections } from './across.ts';
import { resourcesPage, type ResourcesPage } from './freshness.ts';
import { AcrossFiltersQuery, ResourceFiltersQuery, type Resource } from './schema.ts';

const columns = [
  'connection',
  'provider',
  'kind',
  'project',
  'id',
  'name',
  'region',
  'zone',
  'status',
  'createdAt',
  'tags',
  'nativeType',
  'url',
  'consoleUrl',
  'source',
  'summary',
  'missingSince',
  'stale',
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
    ofConnection: 'exportResourcesAsNdjson',
    across: 'exportAllResourcesAsNdjson',
    description: 'One JSON object a line.',
    contentType: 'application/x-ndjson',
    header: '',
    line: (resource: Resource): string => `${JSON.stringify(resource)}\n`,
  },
  {
    extension: 'csv',
    ofConnection: 'exportResourcesAsCsv',
    across: 'exportAllResourcesAsCsv',
    description: 'RFC 4180. A field that a spreadsheet would run as a formula begins with an apostrophe.',
    contentType: 'text/csv; charset=utf-8',
    header: csvHeader,
    line: csvRecord,
  },
] as const;

const RESOURCES_A_CHUNK = 500;
type Format = (typeof formats)[number];
/** A page of what is exported. */
type ReadPage = (after: Json | null, limit: number) => Promise<ResourcesPage>;

const streamed = ({ contentType, description }: Format) => ({
  description: 'All of them, streamed.',
  content: { [contentType]: { schema: Type.Unsafe<Readable>({ type: 'string', description }) } },
});

export function registerExports(app: App, deps: AppDependencies): void {
  for (const format of formats) {
    registerExportOfConnection(app, deps, format);
    registerExportAcross(app, deps, format);
  }
}

function registerExportOfConnection(app: App, { connections, inventory }: AppDependencies, format: Format): void {
  const { extension, description } = format;
  app.get(
    `/v1/connections/:id/resources.${extension}`,
    {
      config: { access: 'connections:read', audit: 'each' },
      schema: {
        operationId: format.ofConnection,
        summary: `Resources of a connection as ${extension.toUpperCase()}`,
        description,
        tags: ['resources'],
        params: ConnectionParams,
        querystring: ResourceFiltersQuery,
        response: { 200: streamed(format), ...problemReplies(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request, reply) => {
      const connection = await connections.ref(tenantOf(request), request.params.id);
      const read: ReadPage = async (after, limit) =>
        await resourcesPage(inventory, connection, request.query, after, limit);
      const stream = await exportStream(read, format);
      return await reply.headers(headersOf(format, connection.id)).type(format.contentType).send(stream);
    },
  );
}

function registerExportAcross(app: App, { connections, inventory }: AppDependencies, format: Format): void {
  const { extension, description } = format;
  app.get(
    `/v1/resources.${extension}`,
    {
      config: { access: 'connections:read', audit: 'each' },
      schema: {
        operationId: format.across,
        summary: `Resources across all connections as ${extension.toUpperCase()}`,
        description,
        tags: ['resources'],
        querystring: AcrossFiltersQuery,
        response: { 200: streamed(format), ...problemReplies(400, 401, 403, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const all = await connections.refs(tenantOf(request));
      const read: ReadPage = async (after, limit) =>
        await acrossConnections(inventory, all, request.query, after, limit);
      const stream = await exportStream(read, format);
      return await reply.headers(headersOf(format, 'resources')).type(format.contentType).send(stream);
    },
  );
}

const headersOf = ({ extension }: Format, name: string) => ({
  'content-disposition': `attachment; filename="${name}.${extension}"`,
  'cache-control': 'no-store',
});

/**
 * Streams all resources as text, so that they are never all in memory. The first rows are read before the reply starts,
 * so that a store which does not answer gives a problem document and not a broken file.
 */
async function exportStream(read: ReadPage, format: Pick<Format, 'header' | 'line'>): Promise<Readable> {
  const first = await read(null, RESOURCES_A_CHUNK);
  async function* chunks(): AsyncGenerator<string> {
    if (format.header !== '') yield format.header;
    for (let page = first; ; page = await read(page.next, RESOURCES_A_CHUNK)) {
      if (page.items.length > 0) yield page.items.map(format.line).join('');
      if (page.next === null) return;
    }
  }
  return Readable.from(chunks());
}
