import type { Problem } from '../../contracts/problem.ts';
import { iso } from '../../contracts/time.ts';
import {
  newDelivery,
  type AttemptOutcome,
  type DeliveryAttempt,
  type DeliveryInput,
  type DeliveryView,
} from '../../contracts/webhooks.ts';
import { nextDelayMs } from './schedule.ts';

/** Of an answer, once a later attempt has another one: ten of them are in every list of deliveries. */
const OLD_ANSWER_CHARACTERS = 500;

/** A delivery as it is kept, and handed on from run to run. */
export interface DeliveryState {
  readonly v: 1;
  readonly view: DeliveryView;
  /** Why it ended without an attempt; null = it did not. */
  readonly problem: Problem | null;
}

export const initialState = (input: DeliveryInput, nowMs: number): DeliveryState => ({
  v: 1,
  view: newDelivery(input, nowMs),
  problem: null,
});

/** The state after an attempt. `random` is 0 ≤ x < 1. */
export function afterAttempt(
  state: DeliveryState,
  outcome: AttemptOutcome,
  nowMs: number,
  random: number,
): DeliveryState {
  const { view } = state;
  if (outcome.outcome === 'dropped' || outcome.outcome === 'disabled') {
    const status = outcome.outcome === 'dropped' ? 'dropped' : 'failed';
    return { ...state, view: { ...view, status, nextAttemptAt: null }, problem: outcome.problem };
  }
  const attempts = [...view.attempts.map(shortened), outcome.attempt];
  if (outcome.outcome === 'delivered') {
    return { ...state, view: { ...view, status: 'delivered', attempts, nextAttemptAt: null } };
  }
  // A sample is sent for a person who waits for the answer.
  const isLast = outcome.isLast || view.event.test === true;
  const delayMs = isLast ? null : nextDelayMs(attempts.length, outcome.retryAfterSeconds, random);
  return delayMs === null
    ? { ...state, view: { ...view, status: 'failed', attempts, nextAttemptAt: null } }
    : { ...state, view: { ...view, attempts, nextAttemptAt: iso(nowMs + delayMs) } };
}

/** An operator has cancelled it. */
export const dropped = (state: DeliveryState): DeliveryState => ({
  ...state,
  view: { ...state.view, status: 'dropped', nextAttemptAt: null },
});

/** What is wrong with it now. */
export const problemOf = ({ view, problem }: DeliveryState): Problem | null =>
  problem ?? view.attempts.at(-1)?.problem ?? null;

const shortened = (attempt: DeliveryAttempt): DeliveryAttempt => ({
  ...attempt,
  answer: attempt.answer && attempt.answer.slice(0, OLD_ANSWER_CHARACTERS),
});

/** Markdown for the Temporal UI: what the delivery waits for, and why. */
export function detailsOf(state: DeliveryState, inMarkdown: (text: string) => string): string {
  const { status, event, endpoint, attempts, nextAttemptAt } = state.view;
  const problem = problemOf(state);
  return [
    `**${status}**: ${inMarkdown(event.type)} to ${inMarkdown(endpoint)}`,
    `Attempts: ${attempts.length}${nextAttemptAt === null ? '' : `; the next one is due at ${nextAttemptAt}`}`,
    ...(problem
      ? [`Why: ${inMarkdown(problem.message)} (${inMarkdown(problem.code)})`, `Remedy: ${inMarkdown(problem.remedy)}`]
      : []),
  ].join('\n\n');
}
