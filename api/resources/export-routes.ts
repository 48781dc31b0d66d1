import type { Readable } from 'node:stream';
import { Type } from 'typebox';
import type { App, AppDependencies } from '../http/app-types.ts';
import { tenantOf } from '../http/plugins/authentication.ts';
import { csvHeader, csvRecord } from './csv.ts';
import { exportStream } from './export.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { ConnectionParams } from '../http/requests.ts';
import { ResourceFiltersQuery, type Resource } from './schema.ts';

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
        config: { access: 'connections:read' },
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
