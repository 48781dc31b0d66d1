import {
  connectionEventTypes,
  type ConnectionEventType,
  type WebhookEvent,
  type WebhookEventType,
} from '../../contracts/webhooks.ts';
import { connectionEvent } from '../../contracts/webhook-events.ts';
import { iso } from '../../contracts/time.ts';
import type { Problem } from '../../contracts/problem.ts';
import type { WebhookEndpoint } from '../../stores/webhooks/port.ts';
import { readableId } from '../../platform/readable-id.ts';
import type { AppDependencies } from '../http/app-types.ts';
import { statusesOf } from './event-types.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** An event as it would be, of a connection that does not exist, or of the endpoint itself. */
export function sampleEvent(
  deps: Pick<AppDependencies, 'providers' | 'clock' | 'randomBytes'>,
  endpoint: WebhookEndpoint,
  type: WebhookEventType,
): WebhookEvent {
  const connection = readableId('con_', deps.randomBytes(17));
  const id = `evt_test_${connection.slice('con_'.length)}`;
  const timestamp = iso(deps.clock.now());
  const data = isOfConnection(type)
    ? connectionSample(deps, connection, endpoint.tenant, type).data
    : endpointSample(endpoint, type, deps.clock.now());
  return { id, type, timestamp, data, test: true };
}

function endpointSample(
  { id, url, description, createdAt }: WebhookEndpoint,
  type: WebhookEventType,
  nowMs: number,
): WebhookEvent['data'] {
  const endpoint = { id, origin: new URL(url).origin, description, createdAt };
  if (type === 'test.ping') return { endpoint };
  const since = iso(nowMs - DAY_MS);
  if (type === 'webhook_endpoint.failing') {
    return { endpoint, failing: { since, attempts: 12, warnedAt: null }, disablesAt: iso(nowMs + 4 * DAY_MS) };
  }
  return { endpoint, failing: { since, attempts: 40, warnedAt: since }, reason: 'failing' };
}

function connectionSample(
  { providers, clock }: Pick<AppDependencies, 'providers' | 'clock'>,
  id: string,
  tenant: string,
  type: ConnectionEventType,
): WebhookEvent {
  const at = iso(clock.now());
  const manifest = providers.all[0]?.manifest;
  const [previousStatus, status] = statusesOf(type);
  const hasAccount = !['connection.created', 'connection.invited', 'connection.expired'].includes(type);
  return connectionEvent(type, at, {
    connection: {
      id,
      tenant,
      provider: manifest?.id ?? 'sample',
      region: manifest?.regions[0]?.id ?? 'sample',
      method: manifest?.methods[0]?.id ?? 'sample',
      name: 'A sample',
      tags: ['sample'],
      account: hasAccount ? { id: '123456789012', displayName: 'A sample account' } : null,
      status,
      statusSince: at,
    },
    previousStatus,
    sequence: 1,
    problem: ['degraded', 'action_required'].includes(status) ? sampleProblem : null,
  });
}

const isOfConnection = (type: WebhookEventType): type is ConnectionEventType =>
  (connectionEventTypes as readonly string[]).includes(type);

const sampleProblem: Problem = {
  code: 'sample_problem',
  message: 'This is a sample: here stands what is wrong, with its cause.',
  remedy: 'Here stands what to do about it, and where a link helps, there is one.',
};
