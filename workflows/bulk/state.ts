import {
  targetOutcomeNames,
  targetOutcomeOfLetter,
  targetOutcomes,
  TARGETS_AT_ONCE,
  type BulkCounts,
  type BulkInput,
  type BulkStatus,
  type BulkView,
  type SettledTarget,
  type Target,
  type TargetOutcome,
} from '../../contracts/bulk.ts';

/** A job between two steps. JSON alone, because it is carried from run to run. Changed by this file alone. */
export interface BulkState {
  /** Version of this shape. */
  readonly v: 1;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** The outcome of each target in order, a letter each (`targetOutcomes`). */
  readonly outcomes: string;
  readonly isCancelled: boolean;
}

export const initialState = ({ targets }: BulkInput, at: string): BulkState => ({
  v: 1,
  createdAt: at,
  updatedAt: at,
  outcomes: targetOutcomes.pending.repeat(targets.length),
  isCancelled: false,
});

/** The next targets that have not had their turn; none once the job is cancelled. */
export function nextTargets({ targets }: BulkInput, { outcomes, isCancelled }: BulkState): readonly Target[] {
  if (isCancelled) return [];
  const next: Target[] = [];
  for (
    let index = outcomes.indexOf(targetOutcomes.pending);
    index >= 0 && next.length < TARGETS_AT_ONCE;
    index = outcomes.indexOf(targetOutcomes.pending, index + 1)
  ) {
    next.push({ index, connection: targets[index] ?? '' });
  }
  return next;
}

export function settled(state: BulkState, outcomes: readonly SettledTarget[], at: string): BulkState {
  if (outcomes.length === 0) return state;
  const letters = state.outcomes.split('');
  for (const { index, outcome } of outcomes) if (index < letters.length) letters[index] = targetOutcomes[outcome];
  return { ...state, outcomes: letters.join(''), updatedAt: at };
}

export const cancelled = (state: BulkState, at: string): BulkState =>
  state.isCancelled ? state : { ...state, isCancelled: true, updatedAt: at };

/** What had no turn when nothing is under way any more. */
export const withoutTurn = (state: BulkState, at: string): BulkState => ({
  ...state,
  outcomes: state.outcomes.replaceAll(targetOutcomes.pending, targetOutcomes.cancelled),
  updatedAt: at,
});

function countsOf({ outcomes }: BulkState): BulkCounts {
  const counts = Object.fromEntries(targetOutcomeNames.map((name) => [name, 0])) as Record<TargetOutcome, number>;
  for (const letter of outcomes) counts[targetOutcomeOfLetter(letter) ?? 'unanswered'] += 1;
  return counts;
}

function statusOf({ isCancelled }: BulkState, { pending, cancelled: without }: BulkCounts): BulkStatus {
  if (pending > 0) return isCancelled ? 'cancelling' : 'running';
  return without > 0 ? 'cancelled' : 'finished';
}

export function viewOf({ id, tenant, deed, reason, by, targets }: BulkInput, state: BulkState): BulkView {
  const counts = countsOf(state);
  const { createdAt, updatedAt } = state;
  const { action } = deed;
  return {
    id,
    tenant,
    action,
    reason,
    by,
    status: statusOf(state, counts),
    targets: targets.length,
    counts,
    createdAt,
    updatedAt,
  };
}
