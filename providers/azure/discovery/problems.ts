import type { Problem } from '../../../contracts/problem.ts';
import type { RegionManifest } from '../../manifests/types.ts';

/** Whom the role is to be given to, and where. */
export interface Grantee {
  /** An application's or a person's id in the directory; null where the record has none. */
  readonly principal: string | null;
  /** Null = the subscriptions themselves were asked for. */
  readonly subscription: string | null;
}

const PROPAGATES = 'A new assignment takes up to 30 minutes to work.';

/** The command that gives the role, to the letter. */
const command = ({ principal, subscription }: Grantee): string =>
  `az role assignment create --role Reader --assignee ${principal ?? 'APPLICATION-OR-USER-ID'} ` +
  `--scope /subscriptions/${subscription ?? 'SUBSCRIPTION-ID'}`;

const giveReader = (grantee: Grantee): string =>
  `Give it the role Reader on the subscription: ${command(grantee)}. ${PROPAGATES}`;

export const listDenied = (said: string, grantee: Grantee): Problem => ({
  code: 'list_denied',
  message: `Azure does not let this account read what was asked for: "${said}".`,
  remedy: giveReader(grantee),
});

export const actionMissing = (action: string, grantee: Grantee): Problem => ({
  code: 'list_denied',
  message: `None of the roles that this account has on the subscription allows ${action}.`,
  remedy: giveReader(grantee),
});

export const subscriptionElsewhere = (said: string): Problem => ({
  code: 'subscription_in_other_directory',
  message: `The subscription belongs to another directory (tenant) now: "${said}".`,
  remedy: 'Its resources are kept as they were last seen. Connect the other directory to list them again.',
});

export const subscriptionNotEnabled = (name: string, state: string): Problem => ({
  code: 'subscription_not_enabled',
  message: `Nothing is listed of subscription ${name}: its state is ${state}.`,
  remedy: 'What was found in it before is kept. Enable it in the Azure portal (Cost Management + Billing) to list it.',
});

export const othersNotEnabled = (named: string): Problem => ({
  code: 'subscription_not_enabled',
  message: `Nothing is listed of subscriptions that are not enabled: ${named}.`,
  remedy: 'Nothing to do, unless they are to be listed: enable them in the Azure portal (Cost Management + Billing).',
});

export const notFound = (said: string): Problem => ({
  code: 'resource_not_found',
  message: `Azure does not know what was asked for: "${said}".`,
  remedy: 'If the subscription was deleted or moved, the next discovery leaves it out by itself.',
});

export const requestRefused = (said: string): Problem => ({
  code: 'request_refused',
  message: `Azure refused the request: "${said}".`,
  remedy: 'Report it with the connection id: Azure may have changed its API.',
});

export const pagesElsewhere = (origin: string, { urls }: RegionManifest): Problem => ({
  code: 'next_page_elsewhere',
  message: `The next page of the list is said to be at ${origin}, not where the first one is. Nothing was sent there.`,
  remedy: `Correct ${urls['api']?.variable}: it must be the address by which Azure Resource Manager knows itself.`,
});

export const pagesRepeat: Problem = {
  code: 'pages_repeat',
  message: 'The next page of the list is said to be one that was read already, so the list was not read to its end.',
  remedy: 'What was found is kept. It is tried again with the next discovery; report it if it persists.',
};

export const rowsMissing = (read: number, total: number): Problem => ({
  code: 'rows_missing',
  message: `Azure Resource Graph counts ${total} resources and gave ${read} of them.`,
  remedy: 'What was found is kept. It is tried again by itself; report it if it persists.',
});

export const rowUnreadable = (number: number): Problem => ({
  code: 'row_unreadable',
  message: `One row of the list (number ${number}) has no shape that Mooring knows.`,
  remedy: 'The rest of the list is kept. Report it with the kind of resource: Azure may have changed its API.',
});

export const notSeenByArm: Problem = {
  code: 'not_listed_by_arm',
  message: 'Azure Resource Graph could not be used, and the lists of Azure Resource Manager lack these databases.',
  remedy: 'What was found before is kept, until Resource Graph can be used again.',
};

export const subscriptionInvalid = (given: string): Problem => ({
  code: 'subscription_invalid',
  message: `"${given}" is not the id of a subscription.`,
  remedy: 'Use the id as the list of subscriptions gives it.',
});
