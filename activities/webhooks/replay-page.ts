import { Context, type Info } from '@temporalio/activity';
import type { Problem } from '../../contracts/problem.ts';
import { deliveryWorkflowId, type WebhookEvent } from '../../contracts/webhooks.ts';
import type {
  ReplayActivities,
  ReplayPageInput,
  ReplayPageOutcome,
  ReplayPosition,
} from '../../contracts/webhook-replays.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import { readEvents } from '../../stores/webhooks/events.ts';
import type { WebhookEndpoint, WebhookEndpoints } from '../../stores/webhooks/port.ts';
import { wants } from '../../stores/webhooks/tell-endpoints.ts';
import { withStoreErrors } from '../failures.ts';
import { beat, keepInHeartbeat } from '../heartbeat-details.ts';
import type { FoundDelivery, ReplayedDeliveries } from './replay-ports.ts';

export interface ReplayDependencies {
  readonly endpoints: Pick<WebhookEndpoints, 'read'>;
  readonly deliveries: ReplayedDeliveries;
  readonly ephemeral: Pick<EphemeralStore, 'readStream'>;
}

/** Deliveries that one page looks at. */
const PAGE = 50;
/** Of those at once. */
const AT_ONCE = 10;

export function createEstimateReplay({
  endpoints,
  deliveries,
  ephemeral,
}: ReplayDependencies): ReplayActivities['estimateReplay'] {
  return async (input) =>
    await withStoreErrors(async () => {
      const { tenant, endpoint, scope } = input;
      const existing = await deliveries.count(filterOf(input));
      const stored = scope === 'failed' ? undefined : await endpoints.read(tenant, endpoint);
      if (!stored) return { estimate: existing };
      const ids = new Set<string>();
      for await (const { event } of readEvents(ephemeral, tenant)) {
        if (isMeant(event, input) && wants(stored.endpoint, event)) ids.add(event.id);
      }
      // Most events have a delivery, and most deliveries' events are kept.
      return { estimate: Math.max(existing, ids.size) };
    });
}

export function createReplayPage(deps: ReplayDependencies): ReplayActivities['replayPage'] {
  const { endpoints, deliveries } = deps;
  return async (input) => {
    const context = Context.current();
    return await withStoreErrors(async () => await replay(input, context));
  };

  async function replay(input: ReplayPageInput, context: Context): Promise<ReplayPageOutcome> {
    const { tenant, endpoint: id, position } = input;
    const stored = await endpoints.read(tenant, id);
    if (!stored) return { outcome: 'ended', problem: endpointDeleted };
    if (stored.endpoint.disabled) return { outcome: 'ended', problem: endpointDisabled };
    const { events, next } =
      position.source === 'deliveries'
        ? await ofDeliveries(deps, input, position.token)
        : await ofEvents(deps, input, stored.endpoint, position.after);
    // What an earlier attempt of this page has started is not among these events any more.
    let replayed = startedBefore(context.info);
    await inParts(events, async (event) => {
      await deliveries.startAgain({ v: 1, tenant, endpoint: id, event });
      replayed += 1;
      keepInHeartbeat(context, { replayed });
      beat(context);
    });
    return { outcome: 'page', replayed, next };
  }
}

const startedBefore = ({ heartbeatDetails }: Info): number =>
  (heartbeatDetails as { readonly replayed?: number } | null | undefined)?.replayed ?? 0;

interface Page {
  /** To be delivered again. */
  readonly events: readonly WebhookEvent[];
  readonly next: ReplayPosition | null;
}

async function ofDeliveries(
  { deliveries }: ReplayDependencies,
  input: ReplayPageInput,
  token: string | null,
): Promise<Page> {
  const { ids, next } = await deliveries.page(filterOf(input), token, PAGE);
  const found = await inParts([...new Set(ids)], async (id) => await deliveries.find(id));
  const events = found.flatMap((each) => (each && isStartedAgain(each, input) ? [each.view.event] : []));
  const after = input.scope === 'all' ? ({ source: 'events', after: null } as const) : null;
  return { events, next: next === null ? after : { source: 'deliveries', token: next } };
}

/** Events that have no delivery, or one that was too young to be listed. */
async function ofEvents(
  { deliveries, ephemeral }: ReplayDependencies,
  input: ReplayPageInput,
  endpoint: WebhookEndpoint,
  after: string | null,
): Promise<Page> {
  const wanted = new Map<string, WebhookEvent>();
  let last = after;
  for await (const { cursor, event } of readEvents(ephemeral, input.tenant, after)) {
    last = cursor;
    if (isMeant(event, input) && wants(endpoint, event)) wanted.set(event.id, event);
    if (wanted.size >= PAGE) break;
  }
  const events = await inParts([...wanted.values()], async (event) => {
    const found = await deliveries.find(deliveryWorkflowId(endpoint.id, event.id));
    return !found || isStartedAgain(found, input) ? [event] : [];
  });
  return { events: events.flat(), next: wanted.size < PAGE ? null : { source: 'events', after: last } };
}

/** One that runs is delivered anyway; one that was started since the replay began has been replayed. */
function isStartedAgain({ view, isRunning, startedAt }: FoundDelivery, input: ReplayPageInput): boolean {
  if (isRunning || Date.parse(startedAt) >= Date.parse(input.startedAt)) return false;
  return isMeant(view.event, input) && (input.scope === 'all' || view.status === 'failed');
}

/** Samples are not events that happened. */
const isMeant = ({ test, timestamp }: WebhookEvent, { since }: ReplayPageInput): boolean =>
  test !== true && Date.parse(timestamp) >= Date.parse(since);

const filterOf = ({ tenant, endpoint, scope, since, startedAt }: ReplayPageInput) => ({
  tenant,
  endpoint,
  failedOnly: scope === 'failed',
  since,
  before: startedAt,
});

async function inParts<In, Out>(inputs: readonly In[], call: (input: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = [];
  for (let from = 0; from < inputs.length; from += AT_ONCE) {
    results.push(...(await Promise.all(inputs.slice(from, from + AT_ONCE).map(call))));
  }
  return results;
}

const endpointDeleted: Problem = {
  code: 'webhook_not_found',
  message: 'The webhook endpoint was deleted before the replay had ended.',
  remedy: 'Nothing to do. Events of the last seven days can be replayed to another endpoint.',
};

const endpointDisabled: Problem = {
  code: 'webhook_disabled',
  message: 'The webhook endpoint was disabled before the replay had ended.',
  remedy: 'Find out why it fails, enable it (POST /v1/webhooks/{id}/enable), then start the replay again.',
};
