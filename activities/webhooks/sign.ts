import { createHmac } from 'node:crypto';
import type { Secret } from '../../platform/secret.ts';
import type { SigningSecrets } from '../../stores/webhooks/port.ts';

const PREFIX = 'whsec_';

/** What is signed (Standard Webhooks 1.0.0, Signature scheme): the id, the second and the body, as they are sent. */
export interface ToSign {
  readonly id: string;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly body: string;
}

/** The value of `webhook-signature`: one signature for each secret that is valid at this time, the newest first. */
export function signatures({ current, previous }: SigningSecrets, toSign: ToSign, nowMs: number): string {
  const overlaps = previous && Date.parse(previous.until) > nowMs ? [previous.secret] : [];
  return [current, ...overlaps].map((secret) => signature(secret, toSign)).join(' ');
}

function signature(secret: Secret<string>, { id, timestamp, body }: ToSign): string {
  const key = Buffer.from(secret.reveal().replace(PREFIX, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

/** Every form in which a signing secret could come back in an answer. */
export const formsOf = ({ current, previous }: SigningSecrets): string[] =>
  [current, ...(previous ? [previous.secret] : [])].flatMap((secret) => {
    const text = secret.reveal();
    return [text, text.replace(PREFIX, '')];
  });
