/** The typed client: `import { createMooringClient } from 'mooring/client'`. */
export { createMooringClient } from './client.ts';
export type { MooringClient, MooringClientOptions, RequestOptions } from './client.ts';
export type { Answer, Call, Init, Item, PagedPath, PathWith } from './call.ts';
export { clientCodes, MooringError } from './error.ts';
export type { ProblemDocument } from './error.ts';
export type { EventData, EventsOptions, MooringEvent } from './events.ts';
export type { components, operations, paths } from './generated/openapi.ts';
export type { RetryOptions } from './retry.ts';
export type { Connection, ConnectionStatus, WaitOptions } from './wait.ts';
export { verifyWebhook } from './webhook.ts';
export type { VerifiedWebhook, WebhookRequest } from './webhook.ts';
