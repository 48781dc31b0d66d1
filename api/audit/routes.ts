import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { Counter, Gauge } from 'prom-client';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Registry } from '../../platform/metrics.ts';
import type { Audit } from '../../stores/audit/audit.ts';
import { canonicalJson, type AuditLine } from '../../stores/audit/line.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { createCursors } from '../http/cursor.ts';
import { principalOf } from '../http/principal.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { apiProblems } from '../http/problem.ts';
import { described, nullable } from '../http/schema.ts';
import { otlpLogs } from './otlp.ts';
import { AuditLineSchema, AuditQuery, ExportQuery, filterOf, periodOf, VerdictSchema } from './schema.ts';

/** Who may read the record: of the tenant of the key, or of the installation where the key has no tenant. */
const access = ['admin', 'operator:audit'] as const;
const readerOf = (request: FastifyRequest): string | null => principalOf(request).tenant;

const PlaceSchema = Type.Object({ seq: Type.Integer(), recordedAtMs: Type.Integer() });

const PageSchema = Type.Object({
  items: Type.Array(described(AuditLineSchema)),
  nextCursor: nullable(Type.String(), 'Null on the last page.'),
});

export function registerAudit(app: App, deps: AppDependencies): void {
  registerAuditMetrics(deps);
  registerListAudit(app, deps);
  registerExportAudit(app, deps);
  registerVerifyAudit(app, deps);
}

function registerListAudit(app: App, { audit, keyRing }: AppDependencies): void {
  const cursors = createCursors(keyRing, 'audit');
  app.get(
    '/v1/audit',
    {
      config: { access },
      schema: {
        operationId: 'listAudit',
        summary: 'Who did what',
        description:
          'Every request that changes something, every credential that was read, every page of a link, every refusal; newest first, within about a second. A page may be short, or empty, and have another behind it: go on until `nextCursor` is null.',
        tags: ['audit'],
        querystring: AuditQuery,
        response: { 200: PageSchema, ...problemReplies(400, 401, 403, 429, 503) },
      },
    },
    async (request) => {
      const { limit = 50, cursor, ...filters } = request.query;
      const tenant = readerOf(request);
      const owner = tenant ?? '';
      const after = cursor === undefined ? null : placeIn(cursors.open(owner, filters, cursor));
      const { lines, next } = await audit.page(tenant, filterOf(filters), after, limit);
      const nextCursor = next && cursors.seal(owner, filters, Buffer.from(JSON.stringify(next)));
      return { items: [...lines], nextCursor };
    },
  );
}

function placeIn(token: Uint8Array) {
  const place: unknown = JSON.parse(Buffer.from(token).toString());
  if (!Value.Check(PlaceSchema, place)) throw apiProblems.invalidCursor();
  return place;
}

function registerExportAudit(app: App, { audit }: AppDependencies): void {
  app.get(
    '/v1/audit/export',
    {
      config: { access, audit: 'each' },
      schema: {
        operationId: 'exportAudit',
        summary: 'The record as a file',
        description: 'All lines of the time, oldest first, streamed; one JSON document a line.',
        tags: ['audit'],
        querystring: ExportQuery,
        response: {
          200: {
            description: 'The lines.',
            content: {
              'application/x-ndjson': { schema: Type.Unsafe<Readable>({ type: 'string', description: 'Lines.' }) },
            },
          },
          ...problemReplies(400, 401, 403, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const { format = 'jsonl', ...bounds } = request.query;
      const write = format === 'otlp' ? otlpLogs : (line: AuditLine): object => line;
      const stream = await exportStream(audit, readerOf(request), periodOf(bounds), write);
      return await reply
        .header('content-disposition', `attachment; filename="audit.${format}"`)
        .header('cache-control', 'no-store')
        .type('application/x-ndjson')
        .send(stream);
    },
  );
}

/** The first lines are read before the reply starts, so that a store which does not answer gives a problem document. */
async function exportStream(
  audit: Pick<Audit, 'lines'>,
  tenant: string | null,
  period: ReturnType<typeof periodOf>,
  write: (line: AuditLine) => object,
): Promise<Readable> {
  const batches = audit.lines(tenant, period);
  const first = await batches.next();
  const textOf = (lines: readonly AuditLine[]): string =>
    lines.map((line) => `${canonicalJson(write(line))}\n`).join('');
  async function* chunks(): AsyncGenerator<string> {
    if (first.done) return;
    yield textOf(first.value);
    for await (const lines of batches) yield textOf(lines);
  }
  return Readable.from(chunks());
}

function registerVerifyAudit(app: App, { audit }: AppDependencies): void {
  app.get(
    '/v1/audit/verify',
    {
      config: { access },
      schema: {
        operationId: 'verifyAudit',
        summary: 'Whether the record is whole',
        description:
          'Reads every line that is kept, and checks hashes, order and signatures. It begins at the oldest one: those before it were dropped when they were due.',
        tags: ['audit'],
        response: { 200: VerdictSchema, ...problemReplies(401, 403, 429, 503) },
      },
    },
    async (request) => await audit.verify(readerOf(request)),
  );
}

function registerAuditMetrics({ metrics, audit }: { readonly metrics: Registry; readonly audit: Audit }): void {
  const waiting: Gauge = new Gauge({
    name: 'mooring_audit_waiting',
    help: 'Entries of the audit record that wait for the store. They stand in the log already.',
    registers: [metrics],
    collect() {
      waiting.set(audit.recorder.waiting);
    },
  });
  const lost: Counter = new Counter({
    name: 'mooring_audit_lost_total',
    help: 'Entries that stand in the log alone, because too many waited for the store. The record says how many.',
    registers: [metrics],
    collect() {
      lost.reset();
      lost.inc(audit.recorder.lost);
    },
  });
  const broken: Counter = new Counter({
    name: 'mooring_audit_broken_total',
    help: 'How often a chain of the audit record was found cut off, or with a last line that is not signed by Mooring.',
    registers: [metrics],
    collect() {
      broken.reset();
      broken.inc(audit.broken);
    },
  });
}
