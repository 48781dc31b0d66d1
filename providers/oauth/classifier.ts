import type { Problem } from '../../contracts/problem.ts';
import type { CallFailure } from '../http/call-error.ts';
import type { Classifier, Verdict } from '../http/classify.ts';

type Failure<K extends CallFailure['kind']> = Extract<CallFailure, { kind: K }>;

/** What a cloud that signs people in by OAuth says about one operation, in its own words. */
export interface OAuthCloud extends Pick<Classifier, 'cloud' | 'statusPage'> {
  /** A code is used up with its exchange, whatever came back: the person must come again. */
  readonly isExchange: boolean;
  readonly noAccessToken: Problem;
  /** There is nothing at the configured URL: which variable is to be corrected. */
  readonly wrongUrl: (status: number) => Problem;
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
            ? { class: 'config', problem: of.wrongUrl(failure.status) }
            : of.judgeStatus(failure);
      }
    },
  };
}

const insecureUrl = (url: string): Problem => ({
  code: 'insecure_url',
  message: `Credentials are sent over https only, and ${url} is not.`,
  remedy: 'Configure an https URL; http is accepted for addresses of this machine alone.',
});
