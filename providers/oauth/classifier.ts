import type { Problem } from '../../contracts/problem.ts';
import type { CallFailure } from '../http/call-error.ts';
import type { Classifier, Verdict } from '../http/classify.ts';
import type { RegionManifest } from '../manifests/types.ts';

type Failure<K extends CallFailure['kind']> = Extract<CallFailure, { kind: K }>;

/** What a cloud that signs people in by OAuth says about one operation, in its own words. */
export interface OAuthCloud extends Pick<Classifier, 'cloud' | 'statusPage'> {
  /** A code is used up with its exchange, whatever came back: the person must come again. */
  readonly isExchange: boolean;
  readonly noAccessToken: Problem;
  /** The roles of the URLs that the operation calls: one of them is to be corrected where nothing is found there. */
  readonly roles: readonly string[];
  readonly region: RegionManifest;
  readonly judgeOAuth: (failure: Failure<'oauth'>) => Verdict;
  /** Any other answer than one of a missing endpoint. */
  readonly judgeStatus: (failure: Failure<'status'>) => Verdict | undefined;
}

export function oauthClassifier(of: OAuthCloud): Classifier {
  return {
    cloud: of.cloud,
    statusPage: of.statusPage,
    judge(failure) {
      switch (failure.kind) {
        case 'insecure_url':
          return { class: 'config', problem: insecureUrl(failure.url) };
        case 'no_access_token':
          return { class: of.isExchange ? 'user' : 'transient', problem: of.noAccessToken };
        case 'oauth':
          return of.judgeOAuth(failure);
        case 'status':
          return [404, 405, 410].includes(failure.status)
            ? { class: 'config', problem: endpointNotFound(of, failure.status) }
            : of.judgeStatus(failure);
      }
    },
  };
}

const endpointNotFound = ({ cloud, roles, region }: OAuthCloud, status: number): Problem => ({
  code: 'endpoint_not_found',
  message: `There is no endpoint of ${cloud} at the configured URL (${roles.join(' or ')}, HTTP ${status}).`,
  remedy: `Unset or correct ${roles.map((role) => region.urls[role]?.variable ?? role).join(' and ')}.`,
});

const insecureUrl = (url: string): Problem => ({
  code: 'insecure_url',
  message: `Credentials are sent over https only, and ${url} is not.`,
  remedy: 'Configure an https URL; http is accepted for addresses of this machine alone.',
});

/** What an OAuth error means at one cloud, to whom, and what they can do. */
export interface Reading {
  readonly class: Verdict['class'];
  readonly cause: string;
  readonly remedy: string;
}

export type OAuthError = Extract<CallFailure, { kind: 'oauth' }>;

/** The words that users know from other tools; they search for them. */
export const titles = {
  exchange: 'Token exchange failed',
  refresh: 'Token refresh failed',
  revoke: 'Token revocation failed',
  call: 'The call failed',
} as const;

/** `quote` is the cloud's own words as far as they help, with a space before them. `name`, where more is known than the error. */
export const oauthVerdict = (
  { class: kind, cause, remedy }: Reading,
  { error, name = error, title, quote }: { error: string; name?: string; title: string; quote: string },
): Verdict => ({
  class: kind,
  problem: { code: error, message: `${title}: ${name}. ${cause}${quote}`, remedy },
});

/** RFC 6749, 5.2: one error for all that can be wrong with a code. */
export const codeUsed = (remedy: string): Reading => ({
  class: 'user',
  cause:
    'The authorization code was used already (codes are single use; the callback page was reloaded), has expired, or was not meant for this redirect_uri.',
  remedy,
});

export const ownProblem = (cloud: string): Reading => ({
  class: 'transient',
  cause: `${cloud} has a problem of its own.`,
  remedy: 'It is tried again by itself.',
});
