import { ApiProblem } from '../../http/problem.ts';

export const platformProblems = {
  redirectNotAllowed: () =>
    new ApiProblem({
      status: 422,
      code: 'redirect_uri_not_allowed',
      message: 'This redirect URI is not on the tenant’s list of platform redirect URIs; it is compared to the letter.',
      remedy: 'Use one that is on the list, or have the operator of Mooring add it to the tenant.',
    }),
  unknownCompletion: () =>
    new ApiProblem({
      status: 409,
      code: 'completion_unknown',
      message:
        'There is no sign-in to complete with this handle: it is older than 10 minutes, was completed, or is not yours.',
      remedy: 'Initiate the sign-in again.',
    }),
  otherSession: () =>
    new ApiProblem({
      status: 409,
      code: 'session_mismatch',
      message:
        'The sign-in was begun in another session of the platform. Nothing of it was redeemed, and it was dropped.',
      remedy: 'Initiate a sign-in in this session. If this happens often, somebody has others sign in for them.',
    }),
  notAvailable: (method: string) =>
    new ApiProblem({
      status: 501,
      code: 'method_not_available',
      message: `Credentials of the method '${method}' can not be validated here: this way of connecting is not available in this version.`,
      remedy: 'Connect by a method that GET /v1/providers lists.',
    }),
} as const;
