import { ApiProblem, type ProblemInit } from '../http/problem.ts';

const problem = (init: ProblemInit): ApiProblem => new ApiProblem(init);

/** What can be wrong with a redirect from the cloud. The texts are the ones that users know, with cause and remedy. */
export const signInProblems = {
  missingParameter: () =>
    problem({
      status: 400,
      code: 'missing_code_or_state',
      message: 'Missing code or state parameter',
      remedy:
        'The address was opened by itself, or was cut off on the way. Open the invitation link and press Continue.',
    }),
  repeatedParameter: () =>
    problem({
      status: 400,
      code: 'repeated_parameter',
      message: 'The answer of the cloud contains a parameter twice, so that it is not known which one counts.',
      remedy:
        'Nothing was used. Open the invitation link again and press Continue. If this happens again, somebody may be tampering with your connection: tell the person who sent the link.',
    }),
  issuerMissing: () =>
    problem({
      status: 400,
      code: 'issuer_missing',
      message: 'The answer does not say which cloud it is from (parameter "iss"), and this cloud always says it.',
      remedy:
        'Nothing was used. Open the invitation link again and press Continue. If this happens again, tell the person who sent the link: somebody may be tampering with it, or the cloud has changed.',
    }),
  invalidState: () =>
    problem({
      status: 400,
      code: 'invalid_state',
      message: 'Invalid or expired state token',
      remedy:
        'A sign-in must be finished within 10 minutes and works once; reloading its last page does nothing. Open the invitation link again.',
    }),
  otherBrowser: () =>
    problem({
      status: 403,
      code: 'other_browser',
      message: 'This sign-in was begun in another browser, or cookies are switched off.',
      remedy:
        'Open the invitation link in this browser and sign in here. If somebody sent you to this page, stop: it would connect your account for them.',
    }),
  otherAnswer: () =>
    problem({
      status: 409,
      code: 'state_already_used',
      message: 'This sign-in was already answered by the cloud, with another code.',
      remedy: 'Open the invitation link again. If this happens often, somebody may be tampering with your connection.',
    }),
  invalidAnswer: (cause: unknown) =>
    problem({
      status: 400,
      code: 'invalid_authorization_response',
      message:
        'The answer of the cloud does not fit the sign-in that was begun: another issuer sent it, or it is malformed.',
      remedy: 'Open the invitation link again. If this persists, tell the person who sent it.',
      cause,
    }),
  refusedWithoutState: (error: string) =>
    problem({
      status: 400,
      code: 'sign_in_refused',
      message: `The cloud ended the sign-in (${error}) without saying which one.`,
      remedy: 'Nothing was granted. Open the invitation link again if that was a mistake.',
    }),
  ended: () =>
    problem({
      status: 410,
      code: 'connection_ended',
      message: 'This connection has ended while you signed in; what you granted was not used.',
      remedy: 'Ask the person who sent the link for a new connection.',
    }),
  replaced: () =>
    problem({
      status: 410,
      code: 'invitation_replaced',
      message: 'This sign-in belongs to a link that has been replaced, used up or revoked.',
      remedy: 'Open the newest link, or ask the person who sent it.',
    }),
  notHandedOver: (cause: ApiProblem) =>
    problem({
      status: 503,
      code: 'sign_in_kept',
      message: 'Your sign-in has arrived, but could not be handed over yet: a part of Mooring does not answer.',
      remedy: 'It is kept. Reload this page within the next minutes; you need not sign in again.',
      details: { retryAfterSeconds: 5 },
      cause,
    }),
} as const;
