import type { Account, ConnectionStatus } from './connection.ts';
import type { Problem } from './problem.ts';
import { iso } from './time.ts';

/** What an endpoint can be told of a connection. An ordinary renewal is not among them. */
export const connectionEventTypes = [
  'connection.created',
  'connection.invited',
  'connection.signed_in',
  'connection.confirmation_required',
  /** What came in could not be used, or was turned down: the connection is what it was before. */
  'connection.sign_in_failed',
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
const otherEventTypes = ['webhook_endpoint.failing', 'webhook_endpoint.disabled', 'test.ping'] as const;

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

/** What a connection keeps of its events. */
export interface PublicEvents {
  /** The number of the last event, counted from 1; 0 = there was none. */
  readonly sequence: number;
  /** Oldest first: those of which it is not known that each endpoint has a delivery. */
  readonly untold: readonly WebhookEvent[];
}

/**
 * - `pending`    waits for its next attempt
 * - `delivered`  the endpoint answered 2xx
 * - `failed`     every attempt failed, or the endpoint said that it is gone, or was disabled: it can be replayed
 * - `dropped`    its endpoint was deleted before it was delivered, or an operator cancelled it
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

/** Of a delivery, by a caller: the attempt that it waits for is made now. It takes the place of the next one. */
export const deliverySignals = { retryNow: 'retryNow' } as const;

export interface AttemptInput {
  readonly v: 1;
  readonly tenant: string;
  readonly endpoint: string;
  readonly event: WebhookEvent;
  /** Counts from 1. */
  readonly attempt: number;
}

/** How one attempt ended. `dropped` and `disabled`: nothing was sent. */
export type AttemptOutcome =
  | { readonly outcome: 'delivered'; readonly attempt: DeliveryAttempt }
  | {
      readonly outcome: 'failed';
      readonly attempt: DeliveryAttempt;
      /** The endpoint said that it is gone (410), or was disabled because it fails: there is no next attempt. */
      readonly isLast: boolean;
      /** What the endpoint asked for, at most a day; null = nothing. */
      readonly retryAfterSeconds: number | null;
    }
  | { readonly outcome: 'disabled'; readonly problem: Problem }
  | { readonly outcome: 'dropped'; readonly problem: Problem };

export interface WebhookActivities {
  /**
   * One attempt to deliver. It returns, whatever the endpoint answers. It throws "not yet" before anything is sent, while
   * the endpoint cannot be read or asked for fewer requests; the retry policy then repeats it, and it counts once.
   */
  deliverWebhook(input: AttemptInput): Promise<AttemptOutcome>;
}

/** As it is before any worker has run it. */
export const newDelivery = ({ endpoint, event }: DeliveryInput, nowMs: number): DeliveryView => ({
  id: deliveryWorkflowId(endpoint, event.id),
  endpoint,
  event,
  status: 'pending',
  attempts: [],
  nextAttemptAt: iso(nowMs),
  createdAt: iso(nowMs),
});

/** One per endpoint and event, so that an event that is emitted twice is delivered once. */
export const deliveryWorkflowId = (endpoint: string, eventId: string): string => `whd_${endpoint}_${eventId}`;
export const endpointIdPattern = '^whe_[a-z2-7]{26}$';
