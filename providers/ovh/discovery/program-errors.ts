import type { CallFailure } from '../../http/call-error.ts';
import type { Verdict } from '../../http/classify.ts';
import { answerUnreadable } from './problems.ts';
import { programVariable } from './program-problems.ts';

/**
 * What one error text of the program says. It is made of what was being done, colon by colon, and of the cause at
 * its end: the API's error, or that of Go's HTTP client. Undefined where it is neither.
 */
export function readFailureText(text: string): CallFailure | Verdict | undefined {
  return (
    readApiError(text) ??
    readTokenError(text) ??
    readNetworkError(text) ??
    readAnswerError(text) ??
    readSetupError(text)
  );
}

const API_ERROR = /OVHcloud API error \(status code (\d+)\): (?:([A-Za-z]+(?:::[A-Za-z]+)+): )?("(?:[^"\\]|\\.)*")/;
const MISSING = / \(missing IAM permissions: ([^)]*)\)$/;

function readApiError(text: string): CallFailure | undefined {
  const [, status, errorClass, said] = API_ERROR.exec(text) ?? [];
  if (status === undefined || said === undefined) return undefined;
  const message = unquoted(said);
  const actions = MISSING.exec(message)?.[1];
  const queryId = /X-OVH-Query-Id: (\S+)\)/.exec(text)?.[1];
  const body = {
    ...bodyBehind(message.replace(MISSING, '')),
    ...(errorClass !== undefined && { class: errorClass }),
    ...(queryId !== undefined && { queryId }),
    ...(actions !== undefined && { details: { unauthorizedActionsByIAM: actions } }),
  };
  return { kind: 'status', status: Number(status), retryAfterSeconds: null, body };
}

/** Where the program does not know an error's details it gives the whole body as the message; a page, too. */
function bodyBehind(message: string): Readonly<Record<string, unknown>> {
  if (message.startsWith('<')) return {};
  if (!message.startsWith('{')) return { message };
  try {
    return JSON.parse(message) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function readTokenError(text: string): CallFailure | undefined {
  const [, error, description] = /oauth2: "(\w+)"(?: "([^"]*)")?/.exec(text) ?? [];
  return error === undefined ? undefined : { kind: 'oauth', error, description: description ?? null };
}

/** `Get "https://…": EOF`; whatever follows the address is the cause. */
function readNetworkError(text: string): CallFailure | Verdict | undefined {
  const reason = /(?:Get|Post) "[^"]*": (.+)$/s.exec(text)?.[1];
  if (reason === undefined) return undefined;
  if (/x509|tls: /.test(reason)) return untrusted(reason);
  const delivery = /connection refused|no such host/.test(reason) ? 'not_sent' : 'unknown';
  return { kind: 'no_answer', delivery, reason };
}

/** The API's answer was no JSON, or JSON of another shape. What it was is not quoted: it may be rows. */
const UNREADABLE =
  /invalid character .{1,12} (?:looking for|after|in) [\w ]+|unexpected end of JSON input|json: cannot unmarshal \w+ into Go value|failed to extract ID from object/;

function readAnswerError(text: string): CallFailure | Verdict | undefined {
  // The connection broke off in the middle of an answer.
  if (/unexpected EOF\s*$/.test(text)) return { kind: 'no_answer', delivery: 'unknown', reason: 'unexpected EOF' };
  const reason = UNREADABLE.exec(text)?.[0];
  return reason === undefined ? undefined : { class: 'transient', problem: answerUnreadable(reason) };
}

/** The program did not get as far as to ask anything: its environment or a file it found is wrong. */
function readSetupError(text: string): Verdict | undefined {
  const reason = /API client not initialized.* to authenticate \((.*)\)\s*$/s.exec(text)?.[1]?.trim();
  if (reason === undefined) return undefined;
  const isFile = /multiple authentication methods|cannot load configuration/.test(reason);
  return {
    class: 'config',
    problem: {
      code: 'ovhcloud_misconfigured',
      message: `ovhcloud can't work as it is set up on the worker: ${reason}.`,
      remedy: isFile
        ? "A file that it reads is in the way: remove credentials and errors from /etc/ovh.conf and from ~/.ovh.conf of the worker's user."
        : `Check the configured API address, and that ${programVariable} names the program itself.`,
    },
  };
}

const untrusted = (reason: string): Verdict => ({
  class: 'config',
  problem: {
    code: 'tls_untrusted',
    message: `The connection to OVHcloud is not trusted (${reason}).`,
    remedy: 'If a proxy of your own is in between, give the worker its authority: SSL_CERT_FILE=/path/to/ca.pem.',
  },
});

/** Go quotes with escapes that JSON does not all have. */
function unquoted(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1);
  }
}
