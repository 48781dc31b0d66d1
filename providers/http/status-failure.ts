import type { CallFailure } from './call-error.ts';

type StatusFailure = Extract<CallFailure, { kind: 'status' }>;

/** The cloud answers, but does not serve: this says nothing about the credential. */
export const isUnavailable = ({ status }: { readonly status: number }): boolean => status === 429 || status >= 500;

/** What an answer that is no success says: its status, when to come back, and its JSON body where it has one. */
export async function statusFailure(response: Response, nowMs: number): Promise<StatusFailure> {
  return {
    kind: 'status',
    status: response.status,
    retryAfterSeconds: retryAfterSeconds(response.headers.get('retry-after'), nowMs),
    // A success that could not be read is not kept: it may hold tokens, and an error is shown to people.
    body: response.ok ? null : await jsonObject(response),
  };
}

/** `Retry-After` is a number of seconds or a date (RFC 9110, 10.2.3). */
function retryAfterSeconds(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header)) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - nowMs) / 1000));
}

async function jsonObject(response: Response): Promise<Readonly<Record<string, unknown>> | null> {
  if (response.bodyUsed) return null;
  try {
    const body: unknown = await response.json();
    return body instanceof Object && !Array.isArray(body) ? (body as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
