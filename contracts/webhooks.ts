import type { Account, ConnectionStatus } from './connection.ts';
import type { Problem } from './problem.ts';

/** What an endpoint can be told of a connection. An ordinary renewal is not among them. */
export const connectionEventTypes = [
  'connection.created',
  'connection.invited',
  'connection.signed_in',
  'connection.confirmation_required',
  'connection.connected',
  'connection.degraded',
  'connection.recovered',
  'connection.action_required',
  'connection.reauthorized',
  'connection.paused',
  'connection.resumed',
  'connection.stopped',
  'connection.disconnecting',
  'connection.disconnected',
  'connection.expired',
] as const;
export type ConnectionEventType = (typeof connectionEventTypes)[number];

/** What an endpoint can be told beside that. */
export const otherEventTypes = ['webhook_endpoint.failing', 'webhook_endpoint.disabled', 'test.ping'] as const;

export const webhookEventTypes = [...connectionEventTypes, ...otherEventTypes] as const;
export type WebhookEventType = (typeof webhookEventTypes)[number];

/** What is told of a connection: enough to know what has happened, and never a credential. Below 4 KB as JSON. */
export interface ConnectionEventData {
  readonly connection: {
    readonly id: string;
    readonly tenant: string;
    readonly provider: string;
    readonly region: string;
    readonly method: string;
    readonly name: string | null;
    readonly tags: readonly string[];
    readonly account: Account | null;
    readonly status: ConnectionStatus;
    readonly statusSince: string;
  };
  readonly previousStatus: ConnectionStatus | null;
  /** Counts the events of this connection from 1, without a gap. */
  readonly sequence: number;
  readonly problem: Problem | null;
}

/** A body as it is sent (Standard Webhooks 1.0.0). Sent again, it is the same to the byte but for the signature. */
export interface WebhookEvent {
  /** Made of the connection and the sequence, so that it is the same however often it is made; without a dot. */
  readonly id: string;
  readonly type: WebhookEventType;
  /** ISO 8601: when it happened. */
  readonly timestamp: string;
  readonly data: ConnectionEventData | Readonly<Record<string, unknown>>;
  /** Set where it was sent on request, as a sample. */
  readonly test?: true;
}

/**
 * - `pending`    waits for its next attempt
 * - `delivered`  the endpoint answered 2xx
 * - `failed`     every attempt failed, or the endpoint said that it is gone
 * - `dropped`    its endpoint was deleted or disabled before it was delivered
 */
export const deliveryStatuses = ['pending', 'delivered', 'failed', 'dropped'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** The input of a delivery's workflow: one endpoint and one event. */
export interface DeliveryInput {
  readonly v: 1;
  readonly tenant: string;
  readonly endpoint: string;
  readonly event: WebhookEvent;
}

export interface DeliveryAttempt {
  readonly at: string;
  readonly durationMs: number;
  /** HTTP status; null where there was no answer. */
  readonly status: number | null;
  /** The first 4 KB of the answer, redacted; null where there was none. */
  readonly answer: string | null;
  /** Why it does not count as delivered; null = it does. */
  readonly problem: Problem | null;
}

/** What is shown of a delivery, and kept in its memo. */
export interface DeliveryView {
  readonly id: string;
  readonly endpoint: string;
  readonly event: WebhookEvent;
  readonly status: DeliveryStatus;
  /** Oldest first. */
  readonly attempts: readonly DeliveryAttempt[];
  readonly nextAttemptAt: string | null;
  readonly createdAt: string;
}

/** One per endpoint and event, so that an event that is emitted twice is delivered once. */
export const deliveryWorkflowId = (endpoint: string, eventId: string): string => `whd_${endpoint}_${eventId}`;
export const endpointIdPattern = '^whe_[a-z2-7]{26}$';
