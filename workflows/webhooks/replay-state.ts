import {
  newReplay,
  type ReplayInput,
  type ReplayPageOutcome,
  type ReplayPosition,
  type ReplayView,
} from '../../contracts/webhook-replays.ts';

/** A replay between two pages. JSON alone, because it is carried from run to run. */
export interface ReplayState {
  readonly v: 1;
  readonly view: ReplayView;
  /** ISO 8601, by Temporal's clock: when the first run began. */
  readonly startedAt: string;
  /** Null = there is no further page. */
  readonly position: ReplayPosition | null;
}

export const initialReplay = (input: ReplayInput, startedAt: string): ReplayState => ({
  v: 1,
  view: newReplay(input, startedAt),
  startedAt,
  position: { source: 'deliveries', token: null },
});

export const estimated = (state: ReplayState, estimate: number, at: string): ReplayState => ({
  ...state,
  view: { ...state.view, estimate, updatedAt: at },
});

/** No further page is begun. */
export const cancelledReplay = (state: ReplayState, at: string): ReplayState =>
  state.view.status === 'running' ? { ...state, view: { ...state.view, status: 'cancelling', updatedAt: at } } : state;

export function afterPage(state: ReplayState, page: ReplayPageOutcome, at: string): ReplayState {
  if (page.outcome === 'ended') {
    return {
      ...state,
      position: null,
      view: { ...state.view, status: 'failed', problem: page.problem, updatedAt: at },
    };
  }
  const replayed = state.view.replayed + page.replayed;
  return { ...state, position: page.next, view: { ...state.view, replayed, updatedAt: at } };
}

/** The state once no further page is begun. */
export function endedReplay(state: ReplayState, at: string): ReplayState {
  const { view, position } = state;
  if (view.status === 'failed') return state;
  // Cancelled after the last page, it has delivered everything all the same.
  const status = view.status === 'cancelling' && position !== null ? 'cancelled' : 'finished';
  return { ...state, view: { ...view, status, updatedAt: at } };
}

/** Markdown for the Temporal UI. */
export function replayDetails({ view }: ReplayState): string {
  const of = view.estimate === null ? '' : ` of about ${view.estimate}`;
  return [
    `**${view.status}**: ${view.replayed}${of} deliveries to ${view.endpoint} were started again.`,
    `Scope: ${view.scope}, since ${view.since}.`,
    ...(view.problem ? [`Why: ${view.problem.message} (${view.problem.code})`] : []),
  ].join('\n\n');
}
