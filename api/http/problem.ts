import { plainText } from '../../contracts/plain-text.ts';
import { plainProblem, type Problem } from '../../contracts/problem.ts';
import type { NotReady } from '../../providers/manifests/settings.ts';
import { isOperatorScope, type ApiKeyScope } from '../../stores/api-key-scopes.ts';

/** Members of a problem document beyond RFC 9457's own and ours; each is declared in `problem-schema.ts`. */
export interface ProblemDetails {
  /** One sentence for each field that is wrong. */
  readonly errors?: readonly string[];
  /** Environment variables that the operator must set. */
  readonly variables?: readonly string[];
  readonly maximumTtlSeconds?: number;
  readonly retryAfterSeconds?: number;
  readonly allow?: readonly string[];
}

export interface ProblemInit extends Problem {
  readonly status: number;
  readonly details?: ProblemDetails;
  readonly cause?: unknown;
}

/** An error as the caller gets it (RFC 9457): programs branch on `code`, people read the rest. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly code: string;
  readonly remedy: string;
  readonly details: ProblemDetails;

  constructor(init: ProblemInit) {
    // It may quote what the caller sent, or what a cloud said.
    const { code, message, remedy } = plainProblem(init);
    super(message, { cause: init.cause });
    this.status = init.status;
    this.code = code;
    this.remedy = remedy;
    this.details = init.details ?? {};
  }
}

const LONGEST_SENTENCE = 1_000;

export const apiProblems = {
  unauthenticated: () =>
    new ApiProblem({
      status: 401,
      code: 'unauthenticated',
      message: 'The request carries no valid API key.',
      remedy: 'Send "Authorization: Bearer mrg_…" with a key that has neither expired nor been revoked.',
    }),
  /** The key has none of the scopes that the route takes. */
  forbidden: (scopes: readonly ApiKeyScope[]) =>
    new ApiProblem({
      status: 403,
      code: 'insufficient_scope',
      message: `This API key does not have the scope ${quoted(scopes)}.`,
      remedy: `Use ${scopes.map(holderOf).join(', or ')}.`,
    }),
  addressNotAllowed: (address: string) =>
    new ApiProblem({
      status: 403,
      code: 'address_not_allowed',
      message: `This API key may not be used from the address ${address}, where the request came from.`,
      remedy:
        'Send it from an address that the key allows. If the address is that of a proxy, TRUSTED_PROXIES must name the proxy.',
    }),
  tooManyRequests: (message: string, retryAfterSeconds: number) =>
    new ApiProblem({
      status: 429,
      code: 'too_many_requests',
      message,
      remedy: `Wait ${retryAfterSeconds} seconds, then try again.`,
      details: { retryAfterSeconds },
    }),
  routeNotFound: () =>
    new ApiProblem({
      status: 404,
      code: 'route_not_found',
      message: 'There is nothing at this address.',
      remedy: 'Look at /openapi.json for the addresses that exist.',
    }),
  methodNotAllowed: (method: string, allow: readonly string[]) =>
    new ApiProblem({
      status: 405,
      code: 'method_not_allowed',
      message: `${method} is not possible at this address.`,
      remedy: `Use ${allow.join(' or ')}.`,
      details: { allow },
    }),
  invalidRequest: (errors: readonly string[]) =>
    new ApiProblem({
      status: 400,
      code: 'invalid_request',
      message: errors.length === 1 ? (errors[0] ?? '') : `${errors.length} things are wrong with the request.`,
      remedy: 'Put right what "errors" lists; /openapi.json has every field.',
      // A field's name is as the caller sent it.
      details: { errors: errors.map((sentence) => plainText(sentence, LONGEST_SENTENCE)) },
    }),
  invalidCursor: () =>
    new ApiProblem({
      status: 400,
      code: 'invalid_cursor',
      message: 'The cursor was not made for this list: it was changed, or its filters were.',
      remedy: 'Send the cursor of the last answer with the same filters, or start again without one.',
    }),
  connectionNotFound: () =>
    new ApiProblem({
      status: 404,
      code: 'connection_not_found',
      message: 'There is no such connection.',
      remedy: 'Check the id, and that the API key belongs to the tenant of the connection.',
    }),
  providerNotFound: (known: readonly string[]) =>
    new ApiProblem({
      status: 404,
      code: 'provider_not_found',
      message: `There is no such provider. There are: ${known.join(', ')}.`,
      remedy: 'GET /v1/providers lists what can be connected here.',
    }),
  connectionEnded: (status: string) =>
    new ApiProblem({
      status: 409,
      code: 'connection_ended',
      message: `The connection has ended; it was ${status} last.`,
      remedy: 'Create a new connection with POST /v1/connections.',
    }),
  idempotencyKeyReused: () =>
    new ApiProblem({
      status: 422,
      code: 'idempotency_key_reused',
      message: 'This Idempotency-Key was used before with another request.',
      remedy: 'Use a new key for a new request; repeat a request with exactly the body that it had.',
    }),
  notReady: ({ code, message, remedy, variables }: NotReady) =>
    new ApiProblem({ status: 409, code, message, remedy, details: { variables } }),
} as const;

const quoted = (scopes: readonly ApiKeyScope[]): string => scopes.map((scope) => `"${scope}"`).join(' or ');

const holderOf = (scope: ApiKeyScope): string =>
  isOperatorScope(scope)
    ? `an operator's key with the scope "${scope}"`
    : `a key of the tenant with the scope "${scope}" or "admin"`;
