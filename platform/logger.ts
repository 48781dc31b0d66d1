import { pino, type DestinationStream, type Logger } from 'pino';

import { isSecretName, REDACTED, redactText } from './redaction.ts';

export type { Logger };

/**
 * An error code (`invalid_grant`, `ECONNREFUSED`) may be logged; an authorization code, which is also named `code`, may
 * not.
 */
const STABLE_CODE = /^([a-z]{2,}(_[a-z]{2,}){1,5}|E[A-Z]{3,20}|ERR_[A-Z_]{3,40})$/;
const MAX_DEPTH = 8;

/**
 * Writes JSON lines to stdout. All logs of the process go through it, so it is the last place that can redact a secret.
 */
export function createLogger(name: string, level: string, destination?: DestinationStream): Logger {
  const options = {
    name,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: describeError },
    formatters: { log: (fields: object) => redact(fields, 0) as Record<string, unknown> },
    hooks: {
      logMethod(this: Logger, args: Parameters<Logger['info']>, method: Logger['info']) {
        method.apply(this, args.map((arg) => (typeof arg === 'string' ? redactText(arg) : arg)) as typeof args);
      },
    },
  };
  return destination ? pino(options, destination) : pino(options);
}

function redact(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return '[deep]';
  if (value instanceof Error) return describeError(value);
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  if ('toJSON' in value && typeof value.toJSON === 'function') return redact(value.toJSON(), depth + 1);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) =>
      isSecret(key, item) ? [key, REDACTED] : [key, redact(item, depth + 1)],
    ),
  );
}

/** Name, message, code and causes only: libraries put requests and headers into the other properties. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return redact(error, 1);
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const cause = error.cause instanceof Error ? { cause: describeError(error.cause) } : {};
  return {
    name: error.name,
    message: redactText(error.message),
    ...code,
    ...cause,
    stack: redactText(error.stack ?? ''),
  };
}

function isSecret(key: string, value: unknown): boolean {
  if (!isSecretName(key) || typeof value === 'boolean') return false;
  return !(key === 'code' && typeof value === 'string' && STABLE_CODE.test(value));
}
