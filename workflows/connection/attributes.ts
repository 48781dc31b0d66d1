import { defineSearchAttributeKey, type SearchAttributeUpdatePair } from '@temporalio/common';
import { searchAttributes as names } from '../../contracts/search-attributes.ts';
import { problemOf, type ConnectionState } from './phases.ts';

const keys = {
  status: defineSearchAttributeKey(names.status.name, 'KEYWORD'),
  reason: defineSearchAttributeKey(names.reason.name, 'KEYWORD'),
  tags: defineSearchAttributeKey(names.tags.name, 'KEYWORD_LIST'),
  statusSince: defineSearchAttributeKey(names.statusSince.name, 'DATETIME'),
} as const;

/** The changing search attributes as last written; tenant, provider, method and region are written at the start. */
export interface Attributes {
  readonly status: string;
  readonly reason: string | null;
  readonly tags: readonly string[];
  readonly statusSince: string;
}

export function attributesOf(state: ConnectionState): Attributes {
  const { phase, tags } = state;
  return { status: phase.status, reason: problemOf(phase)?.code ?? null, tags, statusSince: phase.since };
}

/** What must be written: only what changed, since each write is a history event and a visibility update. */
export function changedAttributes(
  last: Attributes,
  state: ConnectionState,
): { pairs: SearchAttributeUpdatePair[]; next: Attributes } {
  const next = attributesOf(state);
  const pairs: SearchAttributeUpdatePair[] = [];
  if (next.status !== last.status) pairs.push({ key: keys.status, value: next.status });
  if (next.reason !== last.reason) pairs.push({ key: keys.reason, value: next.reason });
  if (next.tags.join('\n') !== last.tags.join('\n')) pairs.push({ key: keys.tags, value: [...next.tags] });
  if (next.statusSince !== last.statusSince) pairs.push({ key: keys.statusSince, value: new Date(next.statusSince) });
  return { pairs, next };
}
