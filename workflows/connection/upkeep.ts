import { problems, type Problem } from '../../contracts/problem.ts';
import { beneath, rest, type Change } from './change.ts';
import type { ConnectionEvent, ConnectionState } from './phases.ts';

export function refreshed(
  state: ConnectionState,
  event: Extract<ConnectionEvent, { type: 'refreshed' }>,
  at: string,
): Change {
  const { phase } = state;
  const warnings = event.warnings ?? state.renewalWarnings;
  const known = new Set([...state.warnings, ...state.renewalWarnings].map(({ code }) => code));
  const news = warnings.find(({ code }) => !known.has(code));
  const current = beneath(phase);
  const recovered = current.status === 'degraded' || (current.status === 'action_required' && current.mayHeal);
  const note: Change['note'] = recovered
    ? ['recovered', 'The cloud answers again; the credential is fresh.']
    : event.replayed
      ? ['replayed', 'A refresh whose answer was lost was repeated once, and succeeded.']
      : event.forced
        ? ['refreshed', 'Refreshed on request.']
        : news && [news.code, news.message];
  return {
    credential: event.credential,
    renewalWarnings: warnings,
    upkeepHeldUntil: null,
    phase: rest(phase, recovered ? { status: 'active', since: at } : undefined),
    ...(note ? { note } : {}),
  };
}

export function degrade(state: ConnectionState, problem: Problem, retryAt: string, at: string): Change {
  const { phase } = state;
  const current = beneath(phase);
  const before = current.status === 'degraded' ? current : undefined;
  const changed = before?.problem.code !== problem.code;
  return {
    phase: rest(phase, {
      status: 'degraded',
      since: before?.since ?? at,
      problem,
      failures: (before?.failures ?? 0) + 1,
      retryAt,
    }),
    ...(state.credential ? { credential: { ...state.credential, nextRefreshAt: retryAt } } : {}),
    ...(changed ? { note: [problem.code, problem.message] as const } : {}),
  };
}

export function replySealed(
  state: ConnectionState,
  { sealed, retryAt }: Extract<ConnectionEvent, { type: 'replySealed' }>,
  at: string,
): Change {
  const { phase } = state;
  if (sealed.pendingRef === null) return { ...degrade(state, problems.storeUnavailable, retryAt, at), sealed };
  // The reply belongs to a sign-in; a credential that is already in use is not affected.
  return {
    sealed,
    ...(phase.status === 'verifying'
      ? { phase: { ...phase, grant: { ...phase.grant, lastProblem: problems.storeUnavailable } } }
      : {}),
    note: [problems.storeUnavailable.code, problems.storeUnavailable.message],
  };
}
