import { createHmac, timingSafeEqual } from 'node:crypto';
import { clientCodes, MooringError } from './error.ts';

export interface WebhookRequest {
  /** The body as it arrived, byte for byte; parsed and written again it may not verify. */
  readonly body: string | Uint8Array;
  /** Of the request; their names in any case. */
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** `whsec_…`, one or more: while a secret is being replaced, both are valid. */
  readonly secrets: string | readonly string[];
  /** How far the clocks may be apart, and how old a request may be. Default: 300 s. */
  readonly toleranceSeconds?: number;
  /** Milliseconds since 1970. Default: now. */
  readonly nowMs?: number;
}

/** A verified event (Standard Webhooks 1.0.0). `id` stays the same when it is delivered again. */
export interface VerifiedWebhook {
  readonly id: string;
  readonly type: string;
  /** ISO 8601: when it happened. */
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Set where it was sent on request, as a sample. */
  readonly test?: true;
}

const PREFIX = 'whsec_';
const VERSION = 'v1';

/**
 * The event of a webhook, after its signature and its age were checked (Standard Webhooks 1.0.0). Throws `MooringError`
 * with the code `webhook_refused`; answer such a request with 400, and do nothing with its body.
 */
export function verifyWebhook({
  body,
  headers,
  secrets,
  toleranceSeconds = 300,
  nowMs = Date.now(),
}: WebhookRequest): VerifiedWebhook {
  const id = header(headers, 'webhook-id');
  const timestamp = header(headers, 'webhook-timestamp');
  const signatures = header(headers, 'webhook-signature');
  if (id === undefined || timestamp === undefined || signatures === undefined) {
    throw refused('It lacks one of the headers webhook-id, webhook-timestamp and webhook-signature.');
  }
  const sentAt = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
  if (!(Math.abs(nowMs / 1000 - sentAt) <= toleranceSeconds)) {
    throw refused(`Its timestamp is more than ${toleranceSeconds} seconds away from this clock.`);
  }
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  const expected = [secrets].flat().map((secret) => {
    const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.`).update(bytes);
    return signature.digest();
  });
  const given = signatures.split(' ').flatMap((entry) => {
    const [version, signature = ''] = entry.split(',');
    return version === VERSION ? [Buffer.from(signature, 'base64')] : [];
  });
  // Every pair is compared, each in constant time.
  const matches = expected.flatMap((wanted) =>
    given.map((signature) => signature.length === wanted.length && timingSafeEqual(signature, wanted)),
  );
  if (!matches.includes(true)) throw refused('None of its signatures was made with the secret.');
  return parse(bytes);
}

function keyOf(secret: string): Buffer {
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64');
  if (key.length === 0) {
    throw new MooringError({
      code: clientCodes.webhookRefused,
      message: 'The secret of the webhook endpoint is empty.',
      remedy: `Give the secret as Mooring showed it: "${PREFIX}…".`,
    });
  }
  return key;
}

function parse(bytes: Uint8Array): VerifiedWebhook {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value === 'object' && value !== null && 'type' in value && 'data' in value) {
      return value as VerifiedWebhook;
    }
  } catch {
    // Answered below.
  }
  throw refused('Its body is signed, and no event.');
}

function header(headers: WebhookRequest['headers'], name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof found === 'string' ? found : found?.[0];
}

const refused = (message: string): MooringError =>
  new MooringError({
    code: clientCodes.webhookRefused,
    message: `The webhook is refused. ${message}`,
    remedy: 'Check the secret and the clock, and that the body is verified as it arrived; else somebody else sent it.',
  });
