/**
 * Search attributes, written only when they change and never encrypted: nothing secret in them, and names and accounts
 * as keyed digests only (stores/search-digests.ts).
 *
 * SQL visibility allows 10 Keyword and 3 of each other type for a namespace. Used: 7 Keyword, 2 KeywordList, 3 Datetime;
 * a further time would have to be an Int.
 */
export const searchAttributes = {
  tenant: { name: 'MooringTenant', type: 'Keyword' },
  provider: { name: 'MooringProvider', type: 'Keyword' },
  status: { name: 'MooringStatus', type: 'Keyword' },
  authMethod: { name: 'MooringAuthMethod', type: 'Keyword' },
  region: { name: 'MooringRegion', type: 'Keyword' },
  reason: { name: 'MooringReason', type: 'Keyword' },
  tags: { name: 'MooringTags', type: 'KeywordList' },
  statusSince: { name: 'MooringStatusSince', type: 'Datetime' },
  /** Keyed digest of the account's id. */
  account: { name: 'MooringAccount', type: 'Keyword' },
  /** Keyed digests of the words of the name. */
  name: { name: 'MooringName', type: 'KeywordList' },
  /** When something ends next unless a person acts; absent where nothing is known to end. */
  actBy: { name: 'MooringActBy', type: 'Datetime' },
  /** Of the connection: Temporal's own start time is that of its newest run. */
  createdAt: { name: 'MooringCreatedAt', type: 'Datetime' },
} as const;
