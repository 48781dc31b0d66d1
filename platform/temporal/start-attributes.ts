import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import type { ConnectionView } from '../../contracts/connection.ts';
import { searchAttributes as names } from '../../contracts/search-attributes.ts';

/** The search attributes of a connection's workflow at its start, so that it is listed before any worker has run. */
export function startAttributes(view: ConnectionView): SearchAttributePair[] {
  const { tenant, provider, method, region, status, statusSince, problem, tags } = view;
  const keyword = (name: string, value: string): SearchAttributePair => ({
    key: defineSearchAttributeKey(name, 'KEYWORD'),
    value,
  });
  const list: SearchAttributePair = {
    key: defineSearchAttributeKey(names.tags.name, 'KEYWORD_LIST'),
    value: [...tags],
  };
  return [
    keyword(names.tenant.name, tenant),
    keyword(names.provider.name, provider),
    keyword(names.status.name, status),
    keyword(names.authMethod.name, method),
    keyword(names.region.name, region),
    { key: defineSearchAttributeKey(names.statusSince.name, 'DATETIME'), value: new Date(statusSince) },
    ...(problem ? [keyword(names.reason.name, problem.code)] : []),
    ...(tags.length > 0 ? [list] : []),
  ];
}
