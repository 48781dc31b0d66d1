import type { Problem } from '../../contracts/problem.ts';
import { isResting, type ConnectionState, type Phase, type Resting } from './phases.ts';

const STATES_KEPT = 20;
const WARNINGS_KEPT = 10;

/** What an event changes, and its entry for the timeline. */
export type Change = Partial<Omit<ConnectionState, 'timeline' | 'updatedAt' | 'ref' | 'createdAt' | 'setup'>> & {
  readonly note?: readonly [event: string, text: string];
};

/** The phase that upkeep works on: the one beneath a re-authorisation or a pause, where there is one. */
export function beneath(phase: Phase): Phase {
  if (phase.status === 'verifying') return phase.grant.returnTo;
  return phase.status === 'paused' ? phase.returnTo : phase;
}

/**
 * The phase with the outcome of upkeep put in its place. Upkeep goes on beneath a re-authorisation, and a sealed reply is
 * stored even while upkeep is paused. A connection that was never connected has no upkeep.
 */
export function rest(phase: Phase, next: Resting | undefined): Phase {
  const resting = beneath(phase);
  if (!next || !isResting(resting) || resting.status === 'awaiting_customer') return phase;
  if (phase.status === 'verifying') return { ...phase, grant: { ...phase.grant, returnTo: next } };
  return phase.status === 'paused' ? { ...phase, returnTo: next } : next;
}

/** Of two times in ISO 8601. */
export const later = (one: string, other: string): string => (one > other ? one : other);

export const served = (state: ConnectionState, stateHash: string): readonly string[] =>
  [...state.servedStates, stateHash].slice(-STATES_KEPT);

export function merge(existing: readonly Problem[], added: readonly Problem[]): readonly Problem[] {
  const codes = new Set(added.map((problem) => problem.code));
  return [...existing.filter((problem) => !codes.has(problem.code)), ...added].slice(-WARNINGS_KEPT);
}
