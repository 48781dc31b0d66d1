import { classify, type Classifier, type Verdict } from '../../http/classify.ts';
import type { ListFailure, Loss } from '../../listing/lister.ts';
import { ProviderError } from '../../provider.ts';
import { STATUS_PAGE } from '../problems.ts';
import {
  apiDisabled,
  callRefused,
  deniedByPolicy,
  listDenied,
  notByThisSignIn,
  notFound,
  quotaProjectDenied,
  tokenRefused,
} from './problems.ts';
import { isRateLimit, refusalOf, type Refusal } from './refusal.ts';

/** What a call is for. */
export interface Asked {
  /** As people know it: "Compute Engine". */
  readonly service: string;
  /** What the service is called in roles and links: `compute.googleapis.com`. */
  readonly api: string;
  /** The role that allows it: "Compute Viewer (roles/compute.viewer)". */
  readonly grant: string;
  readonly project: string | null;
  /** Google names projects by their numbers in errors; null where it is not known. */
  readonly projectNumber?: string | null;
  /** Whose token it is: of a service account its address, of a person who signed in null. */
  readonly serviceAccount: string | null;
  readonly console: string;
}

/** What Google's answer to a call of a list means. Never `revoked`, but for what it says of the token itself. */
export function failureOf(error: unknown, asked: Asked): ListFailure {
  const refusal = refusalOf(error);
  const classified = error instanceof ProviderError ? error : classify(error, classifierOf(refusal, asked));
  const { problem, retryAfterSeconds } = classified;
  const isDenied = problem.code === 'list_denied' || problem.code === 'sign_in_cannot_list';
  return {
    class: classified.class,
    problem,
    retryAfterSeconds,
    denied: isDenied ? { action: refusal?.permission ?? null } : null,
  };
}

/** The same as a loss, where other parts could be listed. */
export const lossOf = (path: string, error: unknown, asked: Asked): Loss => ({ path, ...failureOf(error, asked) });

export const errorOf = ({ class: problemClass, problem, retryAfterSeconds }: ListFailure): ProviderError =>
  new ProviderError({ class: problemClass, problem, retryAfterSeconds, delivery: 'answered' });

const classifierOf = (refusal: Refusal | undefined, asked: Asked): Classifier => ({
  cloud: asked.service,
  statusPage: STATUS_PAGE,
  judge: () => (refusal === undefined ? undefined : verdictOn(refusal, asked)),
});

function verdictOn(refusal: Refusal, asked: Asked): Verdict | undefined {
  if (refusal.status === 401) return { class: 'revoked', problem: tokenRefused(refusal, asked) };
  if (isRateLimit(refusal)) return { class: 'transient', problem: rateLimited(asked) };
  switch (refusal.reason ?? '') {
    case 'SERVICE_DISABLED':
      // In a project of ours it is the operator who enables it; a service account's project is the customer's.
      return { class: isOurs(refusal, asked) ? 'config' : 'user', problem: apiDisabled(refusal, asked) };
    case 'ACCESS_TOKEN_SCOPE_INSUFFICIENT':
      return { class: 'user', problem: notByThisSignIn(asked) };
    case 'USER_PROJECT_DENIED':
      return { class: 'config', problem: quotaProjectDenied(refusal, asked) };
    case 'SECURITY_POLICY_VIOLATED':
    case 'ORG_RESTRICTION_VIOLATION':
    case 'LOCATION_POLICY_VIOLATED':
    case 'LOCATION_ORG_POLICY_VIOLATED':
      return { class: 'user', problem: deniedByPolicy(refusal, asked) };
    default:
      return verdictByStatus(refusal, asked);
  }
}

function verdictByStatus(refusal: Refusal, asked: Asked): Verdict | undefined {
  switch (refusal.status) {
    case 403:
      return { class: 'user', problem: listDenied(refusal, asked) };
    case 404:
      return { class: 'user', problem: notFound(refusal, asked) };
    case 400:
    case 409:
      return { class: 'config', problem: callRefused(refusal, asked) };
    default:
      return undefined;
  }
}

const isOurs = (refusal: Refusal, asked: Asked): boolean =>
  asked.serviceAccount === null && !isListedProject(refusal.consumer, asked);

export const isListedProject = (consumer: string | null, { project, projectNumber = null }: Asked): boolean =>
  consumer !== null && (consumer === project || consumer === projectNumber);

const rateLimited = ({ service }: Asked) => ({
  code: 'cloud_rate_limited',
  message: `${service} asks for fewer requests (RATE_LIMIT_EXCEEDED).`,
  remedy: 'Nothing to do: it is tried again when the cloud allows it.',
});

/** Google says with HTTP 200 that a place did not answer. */
export const unreachable = (path: string, { service }: Pick<Asked, 'service'>): Loss => ({
  path,
  class: 'transient',
  problem: {
    code: 'part_unreachable',
    message: `${service} could not reach ${path}, so what is there is not in the list.`,
    remedy: 'Nothing to do: it is tried again by itself, and nothing of that place is removed meanwhile.',
  },
  retryAfterSeconds: null,
  denied: null,
});

export const unreadableRow = (path: string, { service }: Pick<Asked, 'service'>): Loss => ({
  path,
  class: 'config',
  problem: {
    code: 'row_unreadable',
    message: `One row of ${service} (${path}) has no shape that Mooring knows.`,
    remedy: 'The rest of the list is kept. Report it with the kind of resource: Google may have changed its API.',
  },
  retryAfterSeconds: null,
  denied: null,
});

export const endlessPages = (path: string, { service }: Pick<Asked, 'service'>): Loss => ({
  path,
  class: 'config',
  problem: {
    code: 'pages_endless',
    message: `${service} names pages of its list that were read already, or more of them than a list can have.`,
    remedy: 'What was read is kept, and nothing is removed. Report it with the kind of resource if it persists.',
  },
  retryAfterSeconds: null,
  denied: null,
});
