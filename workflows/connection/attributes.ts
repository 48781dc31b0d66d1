import { defineSearchAttributeKey, type SearchAttributeUpdatePair } from '@temporalio/common';
import { searchAttributes as names } from '../../contracts/search-attributes.ts';
import { assertNever } from '../../contracts/assert-never.ts';
import { problemOf, type ConnectionState } from './phases.ts';

const keys = {
  status: defineSearchAttributeKey(names.status.name, 'KEYWORD'),
  reason: defineSearchAttributeKey(names.reason.name, 'KEYWORD'),
  tags: defineSearchAttributeKey(names.tags.name, 'KEYWORD_LIST'),
  statusSince: defineSearchAttributeKey(names.statusSince.name, 'DATETIME'),
  account: defineSearchAttributeKey(names.account.name, 'KEYWORD'),
  name: defineSearchAttributeKey(names.name.name, 'KEYWORD_LIST'),
  actBy: defineSearchAttributeKey(names.actBy.name, 'DATETIME'),
} as const;

/**
 * The changing search attributes as last written; tenant, provider, method, region and creation are written at the
 * start.
 */
export interface Attributes {
  readonly status: string;
  readonly reason: string | null;
  readonly tags: readonly string[];
  readonly statusSince: string;
  /** Keyed digest. */
  readonly account: string | null;
  /** Keyed digests; undefined = as written at the start, when the name was given. */
  readonly name: readonly string[] | undefined;
  readonly actBy: string | null;
}

export function attributesOf(state: ConnectionState): Attributes {
  const { phase, tags, digests } = state;
  return {
    status: phase.status,
    reason: problemOf(phase)?.code ?? null,
    tags,
    statusSince: phase.since,
    account: digests?.account ?? null,
    name: digests?.name,
    actBy: actByOf(state),
  };
}

/**
 * When something ends next unless a person acts, ISO 8601: an invitation, the wait for what it brought in, a credential
 * that cannot be renewed, or what it is renewed with. Null where nothing is known to end. Not that of a credential which
 * is renewed: it changes many times a day.
 */
export function actByOf({ phase, invitation, credential, warnings, renewalWarnings }: ConnectionState): string | null {
  switch (phase.status) {
    case 'awaiting_customer':
      return phase.until;
    case 'verifying':
      return phase.grant.deadline;
    case 'active':
    case 'degraded':
    case 'action_required':
    case 'paused':
      return earliest([
        invitation?.expiresAt,
        credential?.renewable === false ? credential.expiresAt : null,
        ...[...warnings, ...renewalWarnings].map(({ until }) => until),
      ]);
    case 'stopped':
    case 'disconnecting':
    case 'disconnected':
    case 'expired':
      return null;
    default:
      return assertNever(phase);
  }
}

const earliest = (times: readonly (string | null | undefined)[]): string | null =>
  times
    .filter((time): time is string => typeof time === 'string' && !Number.isNaN(Date.parse(time)))
    .reduce<string | null>((first, time) => (first === null || time < first ? time : first), null);

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
  if (next.account !== last.account) pairs.push({ key: keys.account, value: next.account });
  if (next.name?.join() !== last.name?.join()) pairs.push({ key: keys.name, value: [...(next.name ?? [])] });
  if (next.actBy !== last.actBy)
    pairs.push({ key: keys.actBy, value: next.actBy === null ? null : new Date(next.actBy) });
  return { pairs, next };
}
