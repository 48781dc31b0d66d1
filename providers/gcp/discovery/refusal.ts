import { Value } from 'typebox/value';

import { plainText } from '../../../contracts/plain-text.ts';
import { CallError } from '../../http/call-error.ts';
import { ApiErrorSchema } from '../schema.ts';

/** What Google says when it refuses a call (google.rpc.Status, or the older form of Compute Engine and Storage). */
export interface Refusal {
  readonly status: number;
  /** google.api.ErrorReason; of older APIs, what it would be there. */
  readonly reason: string | null;
  /** The right that is missing: `compute.instances.list`. */
  readonly permission: string | null;
  /** Id or number of the project that the call was counted for. */
  readonly consumer: string | null;
  /** `compute.googleapis.com` */
  readonly service: string | null;
  readonly said: string;
  /** True where the body is Google's own, and not that of a proxy on the way. */
  readonly isGoogles: boolean;
}

/** Undefined where there was no answer, or one that is no refusal. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof CallError) || error.failure.kind !== 'status') return undefined;
  const { status, body } = error.failure;
  if (status < 400) return undefined;
  const isGoogles = Value.Check(ApiErrorSchema, body);
  const { error: said } = isGoogles ? body : { error: {} };
  const info = said.details?.find(({ reason }) => reason !== undefined);
  const message = said.message ?? '';
  const { permission, consumer, service } = info?.metadata ?? {};
  return {
    status,
    reason: info?.reason ?? olderReasons.get(said.errors?.[0]?.reason ?? '') ?? null,
    permission: matched(RIGHT, permission) ?? rightIn(message),
    consumer: matched(CONSUMER, consumer) ?? matched(/\bin project ([\w:.-]{1,100}) before\b/, message),
    service: matched(/^([\w.-]{1,100})$/, service),
    said: plainText(message || `HTTP ${status}`, 300),
    isGoogles,
  };
}

const olderReasons: ReadonlyMap<string, string> = new Map([
  ['accessNotConfigured', 'SERVICE_DISABLED'],
  ['rateLimitExceeded', 'RATE_LIMIT_EXCEEDED'],
  ['userRateLimitExceeded', 'RATE_LIMIT_EXCEEDED'],
  ['quotaExceeded', 'RATE_LIMIT_EXCEEDED'],
  ['insufficientPermissions', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT'],
  ['vpcServiceControls', 'SECURITY_POLICY_VIOLATED'],
]);

const RIGHT = /^([a-z]\w*(?:\.\w+){2,4})$/;
const CONSUMER = /^projects\/([\w:.-]{1,100})$/;

/** "Required 'compute.instances.list' permission for …", "Permission 'x' denied on …", "does not have x access to …". */
function rightIn(message: string): string | null {
  const quoted = /\b(?:Required|[Pp]ermission)\s+['"]([a-z]\w*(?:\.\w+){2,4})['"]/;
  return matched(quoted, message) ?? matched(/\bdoes not have ([a-z]\w*(?:\.\w+){2,4}) access\b/, message);
}

const matched = (pattern: RegExp, text: string | undefined): string | null => pattern.exec(text ?? '')?.[1] ?? null;

/** Both forms of "slower": HTTP 429, and 403 with a reason. */
export const isRateLimit = ({ status, reason }: Refusal): boolean => status === 429 || reason === 'RATE_LIMIT_EXCEEDED';
