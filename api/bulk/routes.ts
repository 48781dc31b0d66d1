import { targetOutcomeOfLetter, type BulkResults, type BulkView } from '../../contracts/bulk.ts';
import { permits } from '../../stores/api-key-scopes.ts';
import { createBatchDetails } from '../../stores/batches/details.ts';
import { EphemeralStoreUnavailable } from '../../stores/ephemeral/port.ts';
import type { Problem } from '../../contracts/problem.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { audited } from '../http/plugins/audit.ts';
import { actorOf, keyOf, tenantOf } from '../http/principal.ts';
import { ApiProblem } from '../http/problem.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { described, IdempotencyHeaders } from '../http/schema.ts';
import { createInvitationLinks, type InvitationLinks } from '../sign-in/links.ts';
import { assertExplained, createBulk, deedOf, targetsOf } from './create.ts';
import {
  BulkParams,
  BulkSchema,
  CreateBody,
  DryRunBody,
  DryRunSchema,
  dryRunOf,
  ResultsPage,
  ResultsQuery,
} from './schema.ts';

/** 10,000 ids. */
const BODY_LIMIT_BYTES = 512 * 1024;
const MAX_BODY_VALUES = 11_000;
/** Connections whose links are read side by side. */
const READ_AT_ONCE = 16;

const limits = {
  bodyLimit: BODY_LIMIT_BYTES,
  config: { access: 'connections:write', maxBodyValues: MAX_BODY_VALUES },
} as const;
const problems = problemReplies(400, 401, 403, 404, 409, 413, 415, 422, 429, 503);

export function registerBulk(app: App, deps: AppDependencies): void {
  registerDryRun(app, deps);
  registerCreate(app, deps);
  registerGet(app, deps);
  registerResults(app, { ...deps, links: createInvitationLinks({ ...deps, publicUrl: deps.config.publicUrl }) });
  registerCancel(app, deps);
}

function registerCreate(app: App, deps: AppDependencies): void {
  app.post(
    '/v1/bulk',
    {
      ...limits,
      schema: {
        operationId: 'createBulk',
        summary: 'Does the same with many connections',
        description:
          'A durable job for up to 10,000 connections: those that match now. Begin with POST /v1/bulk-dry-run. With an Idempotency-Key a repeat answers 200 with the same job.',
        tags: ['bulk'],
        headers: IdempotencyHeaders,
        body: CreateBody,
        response: {
          200: described(BulkSchema),
          202: described(BulkSchema),
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const tenant = tenantOf(request);
      const deed = deedOf(body);
      assertExplained(body);
      const idempotencyKey = request.headers['idempotency-key'];
      const { created, view } = await createBulk(deps, { tenant, by: actorOf(request), deed, body, idempotencyKey });
      audited(request, { target: view.id });
      reply.code(created ? 202 : 200).header('location', `/v1/bulk/${view.id}`);
      return answered(view);
    },
  );
}

function registerDryRun(app: App, deps: AppDependencies): void {
  app.post(
    '/v1/bulk-dry-run',
    {
      ...limits,
      schema: {
        operationId: 'dryRunBulk',
        summary: 'With which connections a job would do it',
        description: 'Takes what POST /v1/bulk takes, and does nothing.',
        tags: ['bulk'],
        body: DryRunBody,
        response: { 200: DryRunSchema, ...problems },
      },
    },
    async (request) => {
      deedOf(request.body);
      return dryRunOf(await targetsOf(deps, tenantOf(request), request.body));
    },
  );
}

function registerGet(app: App, deps: AppDependencies): void {
  app.get(
    '/v1/bulk/:id',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'getBulk',
        summary: 'How far a job is',
        description: 'Needs no worker: it is what Temporal has of the job, for as long as it retains it after its end.',
        tags: ['bulk'],
        params: BulkParams,
        response: { 200: described(BulkSchema), ...problems },
      },
    },
    async (request) => answered((await deps.bulk.view(tenantOf(request), request.params.id)).view),
  );
}

function registerResults(app: App, deps: AppDependencies & { readonly links: InvitationLinks }): void {
  app.get(
    '/v1/bulk/:id/results',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'listBulkResults',
        summary: 'What became of each connection',
        description: 'In the order of the job. Needs a worker.',
        tags: ['bulk'],
        params: BulkParams,
        querystring: ResultsQuery,
        response: { 200: ResultsPage, ...problems },
      },
    },
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { id } = request.params;
      const { outcome, from = 0, limit = 50 } = request.query;
      const { action } = (await deps.bulk.view(tenant, id)).view;
      const rows = rowsOf(await deps.bulk.results(tenant, id));
      const wanted = rows.filter((row) => row.index >= from && (outcome === undefined || row.outcome === outcome));
      const page = wanted.slice(0, limit);
      const refusals = await refusalsOf(
        deps,
        id,
        page.filter((row) => row.outcome === 'refused').map(({ index }) => index),
      );
      const showsLinks = action === 'reauthorize' && permits(keyOf(request), 'connections:write');
      const links = showsLinks
        ? await linksOf(
            deps,
            tenant,
            page.filter((row) => row.outcome === 'done').map(({ connection }) => connection),
          )
        : new Map<string, Link>();
      reply.header('cache-control', 'no-store');
      return {
        items: page.map((row) => ({
          ...row,
          problem: refusals.get(row.index) ?? null,
          link: links.get(row.connection) ?? null,
        })),
        next: wanted[limit]?.index ?? null,
      };
    },
  );
}

const rowsOf = ({ targets, outcomes }: BulkResults) =>
  targets.map((connection, index) => ({
    index,
    connection,
    outcome: targetOutcomeOfLetter(outcomes[index]) ?? ('unanswered' as const),
  }));

async function refusalsOf(
  { ephemeral, logger }: Pick<AppDependencies, 'ephemeral' | 'logger'>,
  id: string,
  indexes: readonly number[],
): Promise<ReadonlyMap<number, Problem | null>> {
  if (indexes.length === 0) return new Map();
  try {
    const kept = await createBatchDetails(ephemeral).read(id, indexes);
    return new Map([...kept].map(([index, { problem }]) => [index, problem]));
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    logger.warn(
      { err: error, bulk: id },
      'Refusals are shown without their reason: the ephemeral store does not answer.',
    );
    return new Map();
  }
}

interface Link {
  readonly url: string;
  readonly expiresAt: string;
}

/** The open links of these connections; one whose customer has signed in meanwhile has none any more. */
async function linksOf(
  { connections, links }: Pick<AppDependencies, 'connections'> & { readonly links: InvitationLinks },
  tenant: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Link>> {
  const found = new Map<string, Link>();
  const linkOf = async (id: string): Promise<void> => {
    const { invitation } = (await connections.view(tenant, id)).view;
    if (invitation?.purpose !== 'reauthorize' || invitation.passcodeRequired) return;
    const { epoch, expiresAt } = invitation;
    found.set(id, { url: await links.url({ connection: id, epoch, expiresAt, passcode: undefined }), expiresAt });
  };
  for (let from = 0; from < ids.length; from += READ_AT_ONCE) {
    await Promise.all(ids.slice(from, from + READ_AT_ONCE).map(linkOf));
  }
  return found;
}

function registerCancel(app: App, { bulk }: AppDependencies): void {
  app.post(
    '/v1/bulk/:id/cancel',
    {
      config: { access: 'connections:write' },
      schema: {
        operationId: 'cancelBulk',
        summary: 'Cancels a job',
        description: 'What has not had its turn never has it; what has comes to its outcome. Repeating it is fine.',
        tags: ['bulk'],
        params: BulkParams,
        response: { 202: described(BulkSchema), ...problems },
      },
    },
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { id } = request.params;
      await bulk.view(tenant, id);
      reply.code(202);
      try {
        return answered(await bulk.cancel(id, { tenant, by: actorOf(request) }));
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.code !== 'bulk_ended') throw error;
        return answered((await bulk.view(tenant, id)).view);
      }
    },
  );
}

const answered = ({ counts, by, ...view }: BulkView) => ({ ...view, counts: { ...counts }, by: { ...by } });
