import { Value } from 'typebox/value';

import type { Problem } from '../../contracts/problem.ts';
import type { CallFailure } from '../http/call-error.ts';
import type { Classifier, Verdict } from '../http/classify.ts';
import type { RegionManifest } from '../manifests/types.ts';
import { ovhClassifier } from './errors.ts';
import { ApiErrorSchema } from './schema.ts';

/**
 * `first`: nobody has seen these keys work. `again`: they have worked. `waiting`: a consumer key that was asked for,
 * until it is approved or given up.
 */
export type KeyStage =
  | { readonly stage: 'first' | 'again' }
  | { readonly stage: 'waiting'; readonly validationUrl: string; readonly isOverdue: boolean };

/** Answers to signed requests; codes and sentences are those of OVHcloud's API gateway. */
export function keyClassifier(stage: KeyStage, region: RegionManifest): Classifier {
  const general = ovhClassifier('prove', region);
  return {
    ...general,
    judge: (failure) => (failure.kind === 'status' ? judgeStatus(failure, stage) : undefined) ?? general.judge(failure),
  };
}

function judgeStatus({ body }: Extract<CallFailure, { kind: 'status' }>, stage: KeyStage): Verdict | undefined {
  const { errorCode = '', message: said = '' } = Value.Check(ApiErrorSchema, body) ? body : {};
  switch (errorCode) {
    case 'INVALID_CREDENTIAL':
      if (stage.stage === 'waiting' && !stage.isOverdue) {
        return { class: 'transient', problem: unapproved(stage.validationUrl) };
      }
      return { class: refused(stage), problem: stage.stage === 'waiting' ? notApproved : invalidCredential(said) };
    case 'NOT_CREDENTIAL':
      return { class: refused(stage), problem: stage.stage === 'waiting' ? notApproved : invalidCredential(said) };
    case 'INVALID_KEY':
      return { class: refused(stage), problem: invalidKey(said) };
    case 'INVALID_SIGNATURE':
      return { class: refused(stage), problem: invalidSignature(said) };
    case 'NOT_GRANTED_CALL':
      return { class: 'user', problem: notGranted(said) };
    case 'QUERY_TIME_OUT':
      return { class: 'transient', problem: outOfTime(said) };
    default:
      return undefined;
  }
}

/** Keys that have worked and do so no more were withdrawn. */
const refused = ({ stage }: KeyStage): Verdict['class'] => (stage === 'again' ? 'revoked' : 'user');

const quoted = (said: string): string => (said === '' ? '' : ` OVHcloud says: "${said}".`);

const invalidCredential = (said: string): Problem => ({
  code: 'invalid_credential',
  message: `Invalid credentials. Please check your consumer key and permissions.${quoted(said)}`,
  remedy:
    'Check that application key, application secret and consumer key belong together and to this endpoint, that the consumer key was approved by its validation link, and that it has not expired; then submit them again.',
});

const invalidKey = (said: string): Problem => ({
  code: 'invalid_key',
  message: `Invalid application key. Please check your application key.${quoted(said)}`,
  remedy: 'Copy it again from the page that it was made on; each endpoint (EU, US, CA) has keys of its own.',
});

const invalidSignature = (said: string): Problem => ({
  code: 'invalid_signature',
  message: `OVHcloud does not accept the signature${said === '' ? '' : `: "${said}"`}. The application secret is not the one of this application key.`,
  remedy: 'Submit the application key, its secret and the consumer key again; all three belong together.',
});

const notGranted = (said: string): Problem => ({
  code: 'call_not_granted',
  message: `OVHcloud refused the call: "${said}". The access rules of the consumer key do not cover it.`,
  remedy: 'Make a consumer key whose rules allow GET on /* (GET on /me at least), and submit it.',
});

const outOfTime = (said: string): Problem => ({
  code: 'query_out_of_time',
  message: `OVHcloud got the signed request too late${said === '' ? '' : `: "${said}"`}.`,
  remedy: 'It is tried again by itself. If it persists, check the network between Mooring and OVHcloud.',
});

const unapproved = (link: string): Problem => ({
  code: 'consumer_key_unapproved',
  message: 'The consumer key waits for you to approve it at OVHcloud.',
  remedy:
    'Open the link, sign in with the account to connect, and approve; Mooring goes on by itself. If you refused there, submit the form again: that asks for a new key.',
  link,
});

const notApproved: Problem = {
  code: 'consumer_key_not_approved',
  message: 'The consumer key was refused at OVHcloud, or it was not approved within a day.',
  remedy: 'Submit the application key and its secret again: that asks for a new consumer key, and gives a new link.',
};

/** A warning, not an error: OVHcloud prolongs no key. */
export const keyEnds = (at: string): Problem => ({
  code: 'consumer_key_ends',
  message: `OVHcloud ends this consumer key at ${at}.`,
  remedy: 'Make keys of unlimited validity, and re-authorise the connection with them before that.',
});
