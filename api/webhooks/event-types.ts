import { assertNever } from '../../contracts/assert-never.ts';
import type { ConnectionStatus } from '../../contracts/connection.ts';
import type { ConnectionEventType, WebhookEventType } from '../../contracts/webhooks.ts';

/** What each type of event says, in a sentence. */
export const eventDescriptions: Readonly<Record<WebhookEventType, string>> = {
  'connection.created': 'A connection was started.',
  'connection.invited': 'A new link was made for its customer; older ones are refused.',
  'connection.signed_in': 'The customer has signed in, or has submitted values; the cloud is asked now.',
  'connection.confirmation_required': 'An account came in, and waits until the tenant confirms it.',
  'connection.sign_in_failed': 'What came in could not be used, or was turned down; it is what it was before.',
  'connection.connected': 'It is active for the first time: credentials can be read.',
  'connection.degraded': 'Its cloud is unavailable to it; credentials that are still valid are handed out.',
  'connection.recovered': 'It is active again.',
  'connection.action_required': 'The cloud refuses it until somebody acts; `problem` says who and what.',
  'connection.reauthorized': 'The customer has signed in again, and it is active.',
  'connection.paused': 'It was paused on request.',
  'connection.resumed': 'It goes on after a pause.',
  'connection.stopped': 'Its workflow was ended from outside; it waits for an operator or a DELETE.',
  'connection.disconnecting': 'It is being ended: revoked at the cloud, then destroyed.',
  'connection.disconnected': 'It has ended, and nothing of it is stored.',
  'connection.expired': 'Its customer never came, or never finished.',
  'webhook_endpoint.failing':
    'Another endpoint of the tenant has had no success for a day; it is disabled after five days.',
  'webhook_endpoint.disabled': 'Another endpoint of the tenant was disabled.',
  'test.ping': 'Nothing has happened: it is sent on request.',
};

/** The status of a connection before and after an event. */
export function statusesOf(type: ConnectionEventType): readonly [ConnectionStatus | null, ConnectionStatus] {
  switch (type) {
    case 'connection.created':
      return [null, 'awaiting_customer'];
    case 'connection.invited':
      return ['awaiting_customer', 'awaiting_customer'];
    case 'connection.signed_in':
      return ['awaiting_customer', 'verifying'];
    case 'connection.confirmation_required':
      return ['verifying', 'verifying'];
    case 'connection.sign_in_failed':
      return ['verifying', 'awaiting_customer'];
    case 'connection.connected':
    case 'connection.reauthorized':
      return ['verifying', 'active'];
    case 'connection.degraded':
      return ['active', 'degraded'];
    case 'connection.recovered':
      return ['degraded', 'active'];
    case 'connection.action_required':
      return ['active', 'action_required'];
    case 'connection.paused':
      return ['active', 'paused'];
    case 'connection.resumed':
      return ['paused', 'active'];
    case 'connection.stopped':
      return ['active', 'stopped'];
    case 'connection.disconnecting':
      return ['active', 'disconnecting'];
    case 'connection.disconnected':
      return ['disconnecting', 'disconnected'];
    case 'connection.expired':
      return ['awaiting_customer', 'expired'];
    default:
      return assertNever(type);
  }
}
