import { plainText, visibleText } from './plain-text.ts';

/**
 * What a person reads when something is wrong: a stable code, a sentence with the cause, and what to do.
 * Never holds a secret: it is shown in pages, the Temporal UI, logs and history.
 */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  /** The page on which a person carries out the remedy. No secret in it either. */
  readonly link?: string;
  /** ISO 8601: of a warning, when what it warns of happens. */
  readonly until?: string;
}

/** Who can fix it; decided once, where the error arrives. "Refused" is not "unavailable". */
export type ProblemClass = 'user' | 'transient' | 'config' | 'revoked';

const LONGEST_MESSAGE = 2_000;
const LONGEST_REMEDY = 4_000;
const LONGEST_LINK = 2_000;
const CODE = /^[\w.:-]{1,100}$/;

/**
 * The problem as it may be shown. It may quote a cloud, or a name that somebody gave. Line breaks of a remedy stay: it may
 * contain a policy to copy. A cloud's own error code becomes ours, and is one that lists can be filtered by.
 */
export function plainProblem({ code, message, remedy, link, until }: Problem): Problem {
  return {
    code: CODE.test(code) ? code : 'unknown_error',
    message: plainText(message, LONGEST_MESSAGE),
    remedy: visibleText(remedy).slice(0, LONGEST_REMEDY),
    ...(link !== undefined && { link: plainText(link, LONGEST_LINK) }),
    ...(until !== undefined && !Number.isNaN(Date.parse(until)) && { until }),
  };
}

/** The catalogue of problems that do not belong to one cloud; a provider has its own in its `problems.ts`. */
export const problems = {
  invitationExpired: {
    code: 'invitation_expired',
    message: 'The invitation ran out before it was completed.',
    remedy: 'Ask the sender for a new link; the sender makes one with POST /v1/connections/{id}/invitation.',
  },
  exchangeAmbiguous: {
    code: 'exchange_response_lost',
    message: "The cloud's answer to the sign-in was lost on the way, and an authorization code can be used only once.",
    remedy: 'Open the invitation link again and sign in once more.',
  },
  rotationResponseLost: {
    code: 'rotation_response_lost',
    message:
      'The cloud replaced the refresh token, its answer was lost on the way, and it refused the old token when that was tried once more.',
    remedy: 'Re-authorise the connection: POST /v1/connections/{id}/reauthorize, then open the new link.',
  },
  noRefreshToken: {
    code: 'no_refresh_token',
    message: 'The access token has expired and the cloud gave no refresh token to renew it with.',
    remedy: 'Re-authorise the connection: POST /v1/connections/{id}/reauthorize, then open the new link.',
  },
  credentialMissing: {
    code: 'credential_missing',
    message: 'The stored credential is no longer in the secret store.',
    remedy: 'Re-authorise the connection, and find out who removed it: the secret store keeps an audit log.',
  },
  grantMissing: {
    code: 'grant_missing',
    message: 'What was granted or submitted is no longer stored, so nothing of it was used.',
    remedy: 'Open the link again and complete it once more.',
  },
  credentialUnreadable: {
    code: 'credential_unreadable',
    message: 'The stored credential is not in a form that Mooring writes: another program has changed it.',
    remedy: 'Re-authorise the connection, and find out what changed it: the secret store keeps an audit log.',
  },
  stopped: {
    code: 'stopped',
    message: 'The workflow of this connection was ended from outside Mooring. Nothing is renewed or handed out.',
    remedy:
      'POST /v1/connections/{id}/recover goes on with what is stored; DELETE /v1/connections/{id} revokes and ends it.',
  },
  factsUnconfirmed: {
    code: 'facts_unconfirmed',
    message: 'The secret store does not answer, so the credential may have been renewed since what is shown here.',
    remedy: 'Nothing is lost. Ask again once the secret store answers; check that it is up and unsealed.',
  },
  upkeepInterrupted: {
    code: 'upkeep_interrupted',
    message: 'Upkeep ended in a way that Mooring does not know, and was started again.',
    remedy: 'Nothing to do if it stays the only time. If it persists, report it with the connection id.',
  },
  storeUnavailable: {
    code: 'secret_store_unavailable',
    message: 'The secret store does not answer.',
    remedy: 'Nothing is lost; upkeep goes on by itself as soon as it answers. Check that it is up and unsealed.',
  },
  storeConflict: {
    code: 'secret_store_conflict',
    message: 'Another process changed the stored credential at the same time.',
    remedy:
      'Nothing is lost; it is tried again. If this lasts, check that only workers of this installation write there.',
  },
  storeUnavailableForSignIn: {
    code: 'secret_store_unavailable',
    message: 'The secret store does not answer, so the sign-in was not completed; nothing of it was used.',
    remedy: 'Open the link again and sign in once more, as soon as the store answers.',
  },
  confirmationRequired: {
    code: 'confirmation_required',
    message: 'A customer signed in; the account waits to be confirmed before anything is used.',
    remedy: 'Compare the account, then POST /v1/connections/{id}/confirm, or revoke the invitation.',
  },
  confirmationMissed: {
    code: 'confirmation_missed',
    message: 'The account that signed in was not confirmed in time; what it granted was dropped unused.',
    remedy: 'Make a new invitation and confirm the account once the customer has signed in.',
  },
  accountMismatch: {
    code: 'account_mismatch',
    message: 'The sign-in was for another cloud account than the one this connection belongs to.',
    remedy: 'Sign in with the same account, or re-authorise with "allowDifferentAccount": true.',
  },
  customerDeclined: {
    code: 'customer_declined',
    message: 'The customer declined the request at the cloud.',
    remedy: 'Nothing was granted. The same link can be opened again if that was a mistake.',
  },
  invitationReplaced: {
    code: 'invitation_replaced',
    message: 'This sign-in belongs to a link that has been replaced, used up or revoked.',
    remedy: 'Open the newest link, or ask the sender for one.',
  },
  invitationLocked: {
    code: 'invitation_locked',
    message: 'The passcode of the link was typed wrong too often, so the link is locked and lets nobody in.',
    remedy:
      'Ask the sender for a new link; the sender makes one with POST /v1/connections/{id}/invitation, or …/reauthorize where an account was connected before. If the customer did not mistype it, another person has the link.',
  },
  verificationTimedOut: {
    code: 'verification_timed_out',
    message: 'The access that was granted did not become usable in the time allowed.',
    remedy: 'Check what was granted, then open the invitation again.',
  },
  claimedElsewhere: {
    code: 'claimed_by_another_tenant',
    message: 'Another tenant of this installation has already connected exactly this.',
    remedy: 'Make a role (or key) of its own for this connection; one can belong to one tenant only.',
  },
  refreshTimedOut: {
    code: 'refresh_timed_out',
    message: 'No worker finished the refresh in time.',
    remedy: 'Nothing to do: it is tried again by itself. If it persists, check that workers run.',
  },
  ephemeralStoreUnavailable: {
    code: 'ephemeral_store_unavailable',
    message: 'The ephemeral store (Redis) does not answer.',
    remedy: 'Nothing is lost; work goes on by itself as soon as it answers. Check that it is up.',
  },
  listTimedOut: {
    code: 'list_timed_out',
    message: 'No worker finished this list in time.',
    remedy: 'Its last good rows stay. It is tried again with the next discovery; check that discovery workers run.',
  },
  discoveryCloses: {
    code: 'discovery_closes',
    message: 'The discovery before this one is about to end.',
    remedy: 'Nothing to do: this one is started in a second.',
  },
  endpointsNotTold: {
    code: 'webhooks_not_told',
    message: 'The webhook endpoints of the tenant could not be read, or Temporal took no delivery.',
    remedy: 'Nothing is lost; it is tried again by itself. Check that the secret store is up and unsealed.',
  },
  internal: {
    code: 'internal_error',
    message: 'Mooring met an error that it does not know.',
    remedy: 'It is tried again by itself. If it persists, report it with the connection id.',
  },
} as const satisfies Record<string, Problem>;
