import type { FastifyError } from 'fastify';
import { plainLinesPattern, plainLinesWish, plainTextPattern, plainTextWish } from '../../contracts/plain-text.ts';
import { problems } from '../../contracts/problem.ts';
import { EphemeralStoreUnavailable } from '../../stores/ephemeral/port.ts';
import { SecretStoreUnavailable } from '../../stores/secrets/port.ts';
import { ApiProblem, apiProblems } from './problem.ts';

type KnownErrors = Readonly<
  Record<string, { readonly status: number; readonly message: string; readonly remedy: string }>
>;

/** For an address as a whole, and for a part of its path. */
export const addressTooLong = {
  message: 'The address is longer than any that is served here.',
  remedy: 'Copy the address again in full, without anything added; send values in the body where the route has one.',
};

/** Our texts for Fastify's errors, whose messages are meant for developers. */
const fastifyErrors: KnownErrors = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    message: 'The body has a media type that this route does not take.',
    remedy: 'Send the body with "Content-Type: application/json".',
  },
  FST_ERR_CTP_BODY_TOO_LARGE: {
    status: 413,
    message: 'The body is too large.',
    remedy: 'Send less: /openapi.json has the limits of every field.',
  },
  FST_ERR_CTP_INVALID_JSON_BODY: {
    status: 400,
    message: 'The body is not valid JSON.',
    remedy: 'Send a JSON object (RFC 8259).',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    message: 'The body is not as long as Content-Length says.',
    remedy: 'Let your HTTP client set Content-Length.',
  },
  FST_ERR_BAD_URL: {
    status: 400,
    message: 'The address contains a "%" that is not followed by the code of a character.',
    remedy: 'Let your HTTP client encode the address (RFC 3986, 2.1).',
  },
  FST_ERR_MAX_PARAM_LENGTH: { status: 414, ...addressTooLong },
};

const codes: Readonly<Record<number, string>> = {
  400: 'malformed_request',
  408: 'request_timed_out',
  413: 'body_too_large',
  414: 'address_too_long',
  415: 'unsupported_media_type',
  417: 'expectation_failed',
  431: 'headers_too_large',
};

export const codeOf = (status: number): string => codes[status] ?? 'malformed_request';

/** Turns every error into a problem. An unknown error is a bug: it becomes 500 and is logged. */
export function toProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (error instanceof SecretStoreUnavailable) return unavailable(problems.storeUnavailable, error);
  if (error instanceof EphemeralStoreUnavailable) {
    return unavailable(
      {
        code: 'ephemeral_store_unavailable',
        message: 'The store for sign-ins and limits does not answer.',
        remedy: 'Connections are not affected. Check that Redis is up and that REDIS_URL is right.',
      },
      error,
    );
  }
  if (isFastifyError(error)) {
    if (error.validation) return apiProblems.invalidRequest(validationSentences(error));
    const known = fastifyErrors[error.code];
    if (known) return new ApiProblem({ ...known, code: codeOf(known.status), cause: error });
    if (error.statusCode !== undefined && error.statusCode < 500) {
      return new ApiProblem({
        status: error.statusCode,
        code: codeOf(error.statusCode),
        message: 'The request cannot be understood.',
        remedy: 'Compare it with /openapi.json.',
        cause: error,
      });
    }
  }
  return new ApiProblem({ ...problems.internal, status: 500, remedy: INTERNAL_REMEDY, cause: error });
}

const INTERNAL_REMEDY = 'Try again; if it persists, report it with the requestId.';

const unavailable = (problem: { code: string; message: string; remedy: string }, cause: unknown): ApiProblem =>
  new ApiProblem({ ...problem, status: 503, details: { retryAfterSeconds: 5 }, cause });

const isFastifyError = (error: unknown): error is FastifyError => error instanceof Error && 'code' in error;

interface Finding {
  readonly keyword: string;
  /** Of the schema, or of the branch of a union, that found it. */
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly message?: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** One sentence for each field that is wrong, e.g. `body: "invitation.lifetimeSeconds" must be >= 3600.` */
function validationSentences(error: FastifyError): string[] {
  const where = error.validationContext ?? 'body';
  const findings = (error.validation ?? []) as readonly Finding[];
  // A union reports each of its branches, and then itself.
  const unions = new Set(findings.filter(({ keyword }) => keyword === 'anyOf').map(({ instancePath }) => instancePath));
  const sentences = findings
    .filter(({ keyword, instancePath }) => keyword === 'anyOf' || !unions.has(instancePath))
    .flatMap((finding) => (finding.keyword === 'anyOf' ? asBranches(finding, findings) : [finding]))
    .flatMap((finding) => sentencesFor(finding).map((sentence) => `${where}: ${sentence}`));
  return [...new Set(sentences)];
}

/** What is wrong with the value by the branches of its type, or by all of them where it has the type of none. */
function asBranches(union: Finding, findings: readonly Finding[]): readonly Finding[] {
  const own = findings.filter(
    ({ keyword, instancePath }) => keyword !== 'anyOf' && instancePath === union.instancePath,
  );
  const branches = [...Map.groupBy(own, ({ schemaPath }) => schemaPath).values()];
  const ofItsType = branches.filter((branch) => branch.every(({ keyword }) => keyword !== 'type'));
  const last = (ofItsType.length > 0 ? ofItsType : branches).flatMap((branch) => branch.at(-1) ?? []).map(withValue);
  if (ofItsType.length > 0) return last;
  return [last.length === 0 ? union : { ...union, message: last.flatMap(({ message }) => message ?? []).join(' or ') }];
}

const withValue = (finding: Finding): Finding =>
  finding.keyword === 'const'
    ? { ...finding, message: `must be ${JSON.stringify(finding.params['allowedValue'])}` }
    : finding;

function sentencesFor({ keyword, instancePath, message, params }: Finding): string[] {
  const field = instancePath.slice(1).replaceAll('/', '.');
  const named = (name: unknown): string => `"${field === '' ? '' : `${field}.`}${String(name)}"`;
  const list = (key: string): unknown[] => [params[key]].flat();
  switch (keyword) {
    case 'required':
      return list('requiredProperties').map((name) => `${named(name)} is missing.`);
    case 'additionalProperties':
      return list('additionalProperties').map((name) => `${named(name)} is not a known field.`);
    case 'boolean':
      // Reported beside "additionalProperties", for the same field.
      return [];
    case 'enum':
      return [`"${field}" must be one of: ${list('allowedValues').join(', ')}.`];
    case 'pattern':
      if (message?.includes(plainTextPattern)) return [`"${field}" ${plainTextWish}.`];
      if (message?.includes(plainLinesPattern)) return [`"${field}" ${plainLinesWish}.`];
      break;
    default:
  }
  return [`${field === '' ? 'It' : `"${field}"`} ${message ?? 'is not valid'}.`];
}
