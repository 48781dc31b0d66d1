import { emptyView } from '../../contracts/connection-view.ts';
import type {
  ConnectionStatus,
  ConnectionView,
  Freshness,
  TimelineEntry,
  Tombstone,
} from '../../contracts/connection.ts';
import { problems, type Problem } from '../../contracts/problem.ts';
import type { Execution } from './execution.ts';

export const isFinal = (status: ConnectionStatus | undefined): boolean =>
  status === 'disconnected' || status === 'expired';

/**
 * The view as the workflow left it, or `stopped` when the workflow was ended from outside before the connection ended.
 */
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

/** Adds newer facts to the view. Facts of an older generation are ignored. */
export function withFacts(view: ConnectionView, facts: Freshness | undefined): ConnectionView {
  const { credential } = view;
  if (!credential || !facts || facts.generation < credential.generation) return view;
  return { ...view, credential: { ...credential, ...facts } };
}

/** Adds why a due renewal has not happened: as the problem of a degraded connection, else as a warning. */
export function withReported(view: ConnectionView, problem: Problem | undefined): ConnectionView {
  if (!problem) return view;
  if (view.status === 'degraded') return { ...view, problem };
  if (view.warnings.some(({ code }) => code === problem.code)) return view;
  return { ...view, warnings: [...view.warnings, problem] };
}

/** In a list the status comes from the search attributes, because the filters use them. */
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

/** The view of a connection that is past Temporal's retention. */
export function tombstoneView(tombstone: Tombstone): ConnectionView {
  const { connection, account, disconnectedAt, status } = tombstone;
  return {
    ...emptyView(connection, status, disconnectedAt),
    problem: status === 'expired' ? problems.invitationExpired : null,
    account,
    tombstone: status === 'disconnected' ? tombstone : null,
  };
}

/** For a view that cannot be decoded: what the search attributes say of the connection. */
export function viewFromAttributes(execution: Execution, problem: Problem): ConnectionView {
  const { id, startedAt, attributes } = execution;
  const { tenant = '', provider = '', region = '', method = '', status, statusSince, tags, createdAt } = attributes;
  const since = statusSince ?? startedAt;
  const view = {
    ...emptyView({ id, tenant, provider, region, method }, status ?? 'awaiting_customer', since),
    tags,
    createdAt: createdAt ?? startedAt,
  };
  return { ...asEnded(view, execution), problem };
}

/** For a connection whose history is past Temporal's retention, or when no worker answers the query. */
export const shortTimeline = ({ status, statusSince }: ConnectionView): TimelineEntry[] => [
  {
    at: statusSince,
    event: status,
    text: `The connection is ${status}. Its earlier timeline cannot be read at present.`,
  },
];
