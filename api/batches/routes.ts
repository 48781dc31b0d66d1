import { createBatchDetails, type BatchDetails } from '../../stores/batches/details.ts';
import { EphemeralStoreUnavailable } from '../../stores/ephemeral/port.ts';
import { MOST_ITEMS, outcomeOfLetter, type BatchView, type ItemDetails } from '../../contracts/batches.ts';
import { guideOf, methodUnknown } from '../connections/guide.ts';
import type { MethodOption } from '../connections/provider-catalog.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { assertSameBody, requestIdOf } from '../http/idempotency.ts';
import { audited } from '../http/plugins/audit.ts';
import { actorOf, tenantOf } from '../http/principal.ts';
import { ApiProblem } from '../http/problem.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { described, IdempotencyHeaders } from '../http/schema.ts';
import { checkItems, formOf } from './check-items.ts';
import { createBatch } from './create.ts';
import { addItems } from './items.ts';
import { BatchParams, BatchSchema, CreateBody, ItemsBody, ItemsPage, ItemsQuery, type Batch } from './schema.ts';

/** 5,000 items of some hundred characters each. */
const BODY_LIMIT_BYTES = 4 * 1024 * 1024;
/** Each item has a few values. */
const MAX_BODY_VALUES = MOST_ITEMS * 8;

const limits = {
  bodyLimit: BODY_LIMIT_BYTES,
  config: { access: 'connections:write', maxBodyValues: MAX_BODY_VALUES },
} as const;
const problems = problemReplies(400, 401, 403, 404, 409, 413, 415, 422, 429, 503);

export function registerBatches(app: App, deps: AppDependencies): void {
  registerCreate(app, deps);
  registerItems(app, deps);
  registerGet(app, deps);
  registerCancel(app, deps);
}

function registerCreate(app: App, deps: AppDependencies): void {
  app.post(
    '/v1/batches',
    {
      ...limits,
      schema: {
        operationId: 'createBatch',
        summary: 'Connects many accounts at once',
        description:
          'Up to 5,000 sets of values of a method with the flow `form`. Where the method makes an external ID, the batch is created without items: its one external ID and its guide come with the answer, and the items with POST /v1/batches/{id}/items. Otherwise they can be given at once. With an Idempotency-Key a repeat answers 200 with the same batch.',
        tags: ['batches'],
        headers: IdempotencyHeaders,
        body: CreateBody,
        response: { 200: described(BatchSchema), 201: described(BatchSchema), ...problems },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const tenant = tenantOf(request);
      const key = request.headers['idempotency-key'];
      const option = chosen(deps, body);
      const method = formOf(option);
      const hasItems = body.items !== undefined || body.from !== undefined;
      if (hasItems && method.minted.length > 0) throw externalIdFirst();
      const checked = hasItems ? await checkItems({ method, region: option.region.manifest.id }, body) : undefined;
      if (checked) await deps.quotas.submission(tenant);
      const by = actorOf(request);
      const { created, view } = await createBatch(deps, { tenant, by, option, body, idempotencyKey: key });
      audited(request, { target: view.id });
      reply.code(created ? 201 : 200).header('location', `/v1/batches/${view.id}`);
      if (!checked) return batchReply(view, option);
      const { principal, headers } = request;
      await assertSameBody(deps, 'batch-items', { principal, headers, body, params: { id: view.id } });
      const { requestId } = requestIdOf('items', key);
      return batchReply(await addItems(deps, view, checked, { by, requestId }), option);
    },
  );
}

function registerItems(app: App, deps: AppDependencies): void {
  app.post(
    '/v1/batches/:id/items',
    {
      ...limits,
      schema: {
        operationId: 'addBatchItems',
        summary: 'Gives a batch its items',
        description:
          'Each becomes a connection of its own, a few at a time. Items can be added for 90 days, up to 5,000 in all; where one of them is not as it should be, none is taken.',
        tags: ['batches'],
        params: BatchParams,
        headers: IdempotencyHeaders,
        body: ItemsBody,
        response: { 202: described(BatchSchema), ...problems },
      },
    },
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { view } = await deps.batches.view(tenant, request.params.id);
      await deps.quotas.submission(tenant);
      const option = optionOf(deps, view);
      if (!option) throw methodUnknown(view);
      const checked = await checkItems({ method: formOf(option), region: view.region }, request.body);
      await assertSameBody(deps, 'batch-items', request);
      const { requestId } = requestIdOf('items', request.headers['idempotency-key']);
      reply.code(202);
      return batchReply(await addItems(deps, view, checked, { by: actorOf(request), requestId }), option);
    },
  );
}

function registerGet(app: App, deps: AppDependencies): void {
  app.get(
    '/v1/batches/:id',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'getBatch',
        summary: 'How far a batch is',
        description:
          'Needs no worker: it is what Temporal itself has of the batch, about a second behind, for as long as Temporal retains it after its end. Its connections are those with the tag `batch:{id}`.',
        tags: ['batches'],
        params: BatchParams,
        response: { 200: described(BatchSchema), ...problems },
      },
    },
    async (request) => {
      const { view } = await deps.batches.view(tenantOf(request), request.params.id);
      return batchReply(view, optionOf(deps, view));
    },
  );
  app.get(
    '/v1/batches/:id/items',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'listBatchItems',
        summary: 'What became of each item',
        description: 'In the order in which they were given. Needs a worker.',
        tags: ['batches'],
        params: BatchParams,
        querystring: ItemsQuery,
        response: { 200: ItemsPage, ...problems },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { outcome, from = 0, limit = 50 } = request.query;
      const letters = await deps.batches.outcomes(tenantOf(request), id);
      const outcomes = Array.from(letters, (letter) => outcomeOfLetter(letter) ?? 'failed');
      const wanted = outcomes.flatMap((each, index) =>
        index >= from && (outcome === undefined || each === outcome) ? [index] : [],
      );
      const page = wanted.slice(0, limit);
      const details = await readDetails(deps, createBatchDetails(deps.ephemeral), id, page);
      return {
        items: page.map((index) => ({
          index,
          outcome: outcomes[index] ?? 'failed',
          ...(details.get(index) ?? { label: null, connection: null, problem: null }),
        })),
        next: wanted.length > limit ? (wanted[limit] ?? null) : null,
      };
    },
  );
}

function registerCancel(app: App, deps: AppDependencies): void {
  app.post(
    '/v1/batches/:id/cancel',
    {
      config: { access: 'connections:write' },
      schema: {
        operationId: 'cancelBatch',
        summary: 'Cancels a batch',
        description:
          'What has not begun never begins; what has goes on to its outcome. Connections stay. Repeating it is fine.',
        tags: ['batches'],
        params: BatchParams,
        response: { 202: described(BatchSchema), ...problems },
      },
    },
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { id } = request.params;
      await deps.batches.view(tenant, id);
      reply.code(202);
      try {
        const view = await deps.batches.cancel(id, { tenant, by: actorOf(request) });
        return batchReply(view, optionOf(deps, view));
      } catch (error) {
        // One that has ended begins nothing any more.
        if (!(error instanceof ApiProblem) || error.code !== 'batch_ended') throw error;
        const { view } = await deps.batches.view(tenant, id);
        return batchReply(view, optionOf(deps, view));
      }
    },
  );
}

/** By default the first method that takes values. */
function chosen(
  { providers }: Pick<AppDependencies, 'providers'>,
  body: { readonly provider: string; readonly region: string; readonly method?: string },
): MethodOption {
  const manifest = providers.all.find((settings) => settings.manifest.id === body.provider)?.manifest;
  const form = manifest?.methods.find(({ flow }) => flow === 'form');
  return providers.choose(body.provider, body.region, body.method ?? form?.id);
}

const optionOf = ({ providers }: Pick<AppDependencies, 'providers'>, view: BatchView): MethodOption | undefined =>
  providers.find(view.provider, view.region, view.method);

function batchReply(view: BatchView, option: MethodOption | undefined): Batch {
  const { window, tags, setup, counts, ...batch } = view;
  const form = option?.method.flow === 'form' ? option.method : undefined;
  const guided = option && form?.batch?.guide ? { ...option, method: { ...form, guide: form.batch.guide } } : option;
  const short = form?.batch?.short;
  return {
    ...batch,
    tags: [...tags],
    counts: { ...counts },
    setup: { ...setup },
    concurrency: window,
    guide: guided ? guideOf(guided, setup) : null,
    short: short ? { each: short.each, once: [...short.once] } : null,
  };
}

async function readDetails(
  { logger }: Pick<AppDependencies, 'logger'>,
  details: BatchDetails,
  id: string,
  indexes: readonly number[],
): Promise<ReadonlyMap<number, ItemDetails>> {
  try {
    return await details.read(id, indexes);
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    logger.warn(
      { err: error, batch: id },
      'Items are shown without their details: the ephemeral store does not answer.',
    );
    return new Map();
  }
}

const externalIdFirst = (): ApiProblem =>
  new ApiProblem({
    status: 422,
    code: 'external_id_first',
    message: 'What the items stand for must let in the external ID of the batch, which this request is about to make.',
    remedy: 'Create the batch without items, do what its guide says, then POST /v1/batches/{id}/items.',
  });
