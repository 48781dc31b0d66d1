import type { Problem } from '../../contracts/problem.ts';
import type { RegionManifest } from '../manifests/types.ts';
import type { Subscription } from './schema.ts';

export const submissionUnusable: Problem = {
  code: 'service_principal_incomplete',
  message:
    'What was submitted is no service principal: the tenant ID, the client ID or the client secret is missing or malformed.',
  remedy:
    "Submit all three; both IDs are on the application's overview page, the secret is made under Certificates & secrets.",
};

export const notIdentified: Problem = {
  code: 'account_not_identified',
  message: 'Microsoft did not say who signed in (its reply has no usable ID token).',
  remedy: 'Open the invitation link again and sign in with a work or school account.',
};

export const noAccessToken: Problem = {
  code: 'no_access_token',
  message: 'No access_token received from Microsoft.',
  remedy:
    'It is tried again by itself where that can help; otherwise sign in again. Outages: https://azure.status.microsoft.',
};

/** A warning, not an error: the connection works until its access token expires. */
export const noRefreshTokenWarning: Problem = {
  code: 'no_refresh_token',
  message: 'No refresh token received - user may need to re-authorize after expiration',
  remedy: 'Check that the application may have the permission offline_access, then re-authorise the connection.',
};

const MOST_NAMES = 5;

/** The first few by name, the others by number. */
export function named(
  subscriptions: readonly Subscription[],
  describe = ({ displayName }: Subscription) => displayName,
) {
  const shown = subscriptions.slice(0, MOST_NAMES).map(describe).join(', ');
  const more = subscriptions.length - MOST_NAMES;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

const withState = ({ displayName, state }: Subscription): string => `${displayName} (${state})`;

export const noEnabledSubscription = (who: string, others: readonly Subscription[], waiting: boolean): Problem => ({
  code: 'no_enabled_subscription',
  message:
    `No enabled subscription found: Azure lists none for ${who}.` +
    (others.length > 0 ? ` There are some that are not enabled: ${named(others, withState)}.` : ''),
  remedy:
    'Give it the Reader or Contributor role on the subscription: Subscriptions, Access control (IAM), Add role ' +
    `assignment. ${waiting ? propagating : 'Then do this step again.'}`,
});

export const subscriptionMissing = (
  id: string,
  who: string,
  enabled: readonly Subscription[],
  waiting: boolean,
): Problem => ({
  code: 'subscription_not_found',
  message: `Subscription ${id} is not among those that ${who} sees: ${named(enabled)}.`,
  remedy:
    'Compare the ID, or give it the Reader or Contributor role on that subscription: Subscriptions, Access control ' +
    `(IAM), Add role assignment. ${waiting ? propagating : 'Then submit it again.'}`,
});

export const subscriptionNotEnabled = ({ subscriptionId, displayName, state }: Subscription): Problem => ({
  code: 'subscription_not_enabled',
  message: `Subscription ${displayName} (${subscriptionId}) is not enabled: its state is ${state}.`,
  remedy: 'Enable it in the Azure portal (Cost Management + Billing), or submit another one.',
});

const propagating = 'A new assignment takes up to 30 minutes to work: it is tried again by itself until then.';

export const pagesElsewhere = (link: string, { urls }: RegionManifest): Problem => ({
  code: 'next_page_elsewhere',
  message: `The next page of the subscriptions is said to be at ${URL.parse(link)?.origin ?? 'no URL'}, not where the first one is. Nothing was sent there.`,
  remedy: `Correct ${urls['api']?.variable}: it must be the address by which Azure Resource Manager knows itself.`,
});

export const secretExpires = (day: string, isPast: boolean): Problem => ({
  code: 'client_secret_expires',
  message: isPast ? `The client secret was to expire on ${day}.` : `The client secret expires on ${day}.`,
  remedy:
    'Make a new one under Certificates & secrets, re-authorise the connection (POST ' +
    '/v1/connections/{id}/reauthorize), and submit it.',
  until: new Date(day).toISOString(),
});
