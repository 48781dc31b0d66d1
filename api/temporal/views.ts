import type { ConnectionStatus, ConnectionView, Freshness, Tombstone } from '../../contracts/connection.ts';
import { emptyView } from '../../contracts/connection-view.ts';
import { problems, type Problem } from '../../contracts/problem.ts';
import type { Execution } from './execution.ts';

export const isFinal = (status: ConnectionStatus | undefined): boolean =>
  status === 'disconnected' || status === 'expired';

/** The view as its workflow left it, or `stopped` where that was ended from outside. What had ended before stays ended. */
export function asEnded(view: ConnectionView, { state, closedAt }: Execution): ConnectionView {
  if (state !== 'stopped' || isFinal(view.status)) return view;
  return {
    ...view,
    status: 'stopped',
    statusSince: view.status === 'stopped' ? view.statusSince : (closedAt ?? view.statusSince),
    problem: problems.stopped,
    credential: null,
    invitation: null,
    verification: null,
    discovery: view.discovery && { ...view.discovery, nextAt: null, running: null },
  };
}

/** Newer facts than the view has; an older generation says nothing. */
export function withFacts(view: ConnectionView, facts: Freshness | undefined): ConnectionView {
  const { credential } = view;
  if (!credential || !facts || facts.generation < credential.generation) return view;
  return { ...view, credential: { ...credential, ...facts } };
}

/** Why the renewal that was due has not happened: what degrades the connection, or a warning beside an active one. */
export function withReported(view: ConnectionView, problem: Problem | undefined): ConnectionView {
  if (!problem) return view;
  if (view.status === 'degraded') return { ...view, problem };
  if (view.warnings.some(({ code }) => code === problem.code)) return view;
  return { ...view, warnings: [...view.warnings, problem] };
}

/** In a list the search attributes decide: they are what its filters looked at. */
export function withAttributes(view: ConnectionView, { attributes, state }: Execution): ConnectionView {
  const { status, statusSince, reason } = attributes;
  if (state === 'stopped' || status === undefined || status === view.status) return view;
  return {
    ...view,
    status,
    statusSince: statusSince ?? view.statusSince,
    problem: view.problem?.code === reason ? view.problem : null,
  };
}

/** What is left of a connection beyond Temporal's retention. */
export function tombstoneView(tombstone: Tombstone): ConnectionView {
  const { connection, account, disconnectedAt, status } = tombstone;
  return {
    ...emptyView(connection, status, disconnectedAt),
    problem: status === 'expired' ? problems.invitationExpired : null,
    account,
    tombstone: status === 'disconnected' ? tombstone : null,
  };
}

/** Where the view of a connection can't be read, this is what is known of it: Temporal's own search attributes. */
export function viewFromAttributes(execution: Execution, problem: Problem): ConnectionView {
  const { id, startedAt, attributes } = execution;
  const { tenant = '', provider = '', region = '', method = '', status, statusSince, tags } = attributes;
  const since = statusSince ?? startedAt;
  const view = {
    ...emptyView({ id, tenant, provider, region, method }, status ?? 'awaiting_customer', since),
    tags,
    createdAt: startedAt,
  };
  return { ...asEnded(view, execution), problem };
}
