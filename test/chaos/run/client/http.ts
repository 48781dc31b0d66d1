/** As counted in the table of a run. */
export const verbs = [
  'create',
  'submit',
  'get',
  'list',
  'credentials',
  'timeline',
  'guide',
  'annotate',
  'pause',
  'resume',
  'refresh',
  'discover',
  'reauthorize',
  'invite',
  'recover',
  'disconnect',
] as const;
export type Verb = (typeof verbs)[number];

export interface Answer {
  /** 0 = nobody answered, or not in time. */
  readonly status: number;
  /** JSON, parsed; undefined where there is none. */
  readonly body: unknown;
  readonly sentAtMs: number;
}

export interface Asked {
  readonly body?: object;
  readonly idempotencyKey?: string;
}

/** The API as a platform's backend calls it, with one key. Never rejects: what went wrong is the answer. */
export interface Api {
  call(verb: Verb, method: string, path: string, asked?: Asked): Promise<Answer>;
  /** How often each verb was answered by each status. */
  counts(): Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Above the longest that the product lets a caller wait, and above the longest freeze. */
const ANSWER_WITHIN_MS = 35_000;

export function createApi(origin: string, apiKey: string, onAnswer: (request: string, answer: Answer) => void): Api {
  const counts: Record<string, Record<string, number>> = {};

  async function send(method: string, path: string, { body, idempotencyKey }: Asked): Promise<Answer> {
    const sentAtMs = Date.now();
    try {
      const response = await fetch(`${origin}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${apiKey}`,
          ...(body && { 'content-type': 'application/json' }),
          ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? undefined : JSON.parse(text), sentAtMs };
    } catch {
      return { status: 0, body: undefined, sentAtMs };
    }
  }

  return {
    async call(verb, method, path, asked = {}) {
      const answer = await send(method, path, asked);
      const ofVerb = (counts[verb] ??= {});
      const status = answer.status === 0 ? 'none' : String(answer.status);
      ofVerb[status] = (ofVerb[status] ?? 0) + 1;
      onAnswer(`${method} ${path}`, answer);
      return answer;
    },
    counts: () => counts,
  };
}

export const isOk = ({ status }: Answer): boolean => status >= 200 && status < 300;

/** The code of a problem document; '' where the answer is none. */
export const problemCode = ({ body }: Answer): string =>
  typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : '';
