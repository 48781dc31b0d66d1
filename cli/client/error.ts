import type { components } from './generated/openapi.ts';

/** What an answer says that refuses a request (RFC 9457), as far as it is there. */
export type ProblemDocument = components['schemas']['ProblemDocument'];

/** Codes of the client's own; all others are the API's. */
export const clientCodes = {
  unreachable: 'unreachable',
  unexpectedAnswer: 'unexpected_answer',
  waitedInVain: 'waited_in_vain',
  endedOtherwise: 'ended_otherwise',
  webhookRefused: 'webhook_refused',
} as const;

export interface MooringErrorInit {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly status?: number;
  readonly requestId?: string | null;
  readonly problem?: ProblemDocument;
  readonly cause?: unknown;
}

/** Every error of the client. Programs branch on `code`; people read the message and the remedy. */
export class MooringError extends Error {
  override readonly name = 'MooringError';
  /** Stable; the API's own, or one of {@link clientCodes}. */
  readonly code: string;
  /** What to do about it, as a sentence. */
  readonly remedy: string;
  /** HTTP status; null where there was no answer. */
  readonly status: number | null;
  /** Names the request in the logs of the installation; null where it never arrived. */
  readonly requestId: string | null;
  /** The whole problem document, where the API sent one. */
  readonly problem: ProblemDocument | null;

  constructor(init: MooringErrorInit) {
    super(init.message, { cause: init.cause });
    this.code = init.code;
    this.remedy = init.remedy;
    this.status = init.status ?? null;
    this.requestId = init.requestId ?? null;
    this.problem = init.problem ?? null;
  }
}

/** The error that an answer outside 200 to 299 stands for. Reads its body. */
export async function errorOf(response: Response): Promise<MooringError> {
  const text = await response.text().catch(() => '');
  const problem = parseProblem(text);
  const requestId = problem?.requestId ?? response.headers.get('x-request-id');
  if (problem) {
    const { code, detail, remedy, errors = [] } = problem;
    const message = errors.length > 1 ? [detail, ...errors].join(' ') : detail;
    return new MooringError({ code, message, remedy, status: response.status, requestId, problem });
  }
  return new MooringError({
    code: clientCodes.unexpectedAnswer,
    message: `The address answers ${response.status}, and not as Mooring does.`,
    remedy: 'Check that the URL is that of a Mooring API, and what proxies before it do.',
    status: response.status,
    requestId,
  });
}

function parseProblem(text: string): ProblemDocument | null {
  try {
    const value = JSON.parse(text) as Partial<ProblemDocument> | null;
    const words = [value?.code, value?.detail, value?.remedy];
    return words.every((word) => typeof word === 'string') ? (value as ProblemDocument) : null;
  } catch {
    return null;
  }
}

/** There was no answer. The message has the origin alone: a path may hold a secret. */
export function unreachable(url: string, cause: unknown): MooringError {
  const { origin } = new URL(url);
  return new MooringError({
    code: clientCodes.unreachable,
    message: `${origin} does not answer (${reasonOf(cause)}).`,
    remedy: 'Check the URL, that Mooring runs there, and the network between.',
    cause,
  });
}

/** Node's `fetch` says only "fetch failed"; its cause has the code. */
function reasonOf(error: unknown): string {
  const { cause, message } = error instanceof Error ? error : { cause: undefined, message: String(error) };
  const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : message;
}
