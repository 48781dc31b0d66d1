/**
 * Search attributes, written only when they change and never encrypted: nothing secret in them.
 * SQL visibility allows 10 Keyword and 3 of each other type for a namespace.
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
} as const;
