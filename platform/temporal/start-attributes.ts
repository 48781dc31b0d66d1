import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import type { ConnectionView } from '../../contracts/connection.ts';
import { searchAttributes as names } from '../../contracts/search-attributes.ts';

/** Keyed digests of the name's words and of the account's id; see `stores/search-digests.ts`. */
export interface StartDigests {
  readonly name: readonly string[];
  readonly account: string | null;
}

/** The search attributes of a connection's workflow at its start, so that it is listed before any worker has run. */
export function startAttributes(view: ConnectionView, { name, account }: StartDigests): SearchAttributePair[] {
  const { tenant, provider, method, region, status, statusSince, problem, tags, invitation, createdAt } = view;
  const keyword = (attribute: string, value: string): SearchAttributePair => ({
    key: defineSearchAttributeKey(attribute, 'KEYWORD'),
    value,
  });
  const keywords = (attribute: string, values: readonly string[]): SearchAttributePair[] =>
    values.length > 0 ? [{ key: defineSearchAttributeKey(attribute, 'KEYWORD_LIST'), value: [...values] }] : [];
  const time = (attribute: string, at: string): SearchAttributePair => ({
    key: defineSearchAttributeKey(attribute, 'DATETIME'),
    value: new Date(at),
  });
  return [
    keyword(names.tenant.name, tenant),
    keyword(names.provider.name, provider),
    keyword(names.status.name, status),
    keyword(names.authMethod.name, method),
    keyword(names.region.name, region),
    time(names.statusSince.name, statusSince),
    time(names.createdAt.name, createdAt),
    ...(problem ? [keyword(names.reason.name, problem.code)] : []),
    ...(account === null ? [] : [keyword(names.account.name, account)]),
    ...(invitation ? [time(names.actBy.name, invitation.expiresAt)] : []),
    ...keywords(names.tags.name, tags),
    ...keywords(names.name.name, name),
  ];
}
