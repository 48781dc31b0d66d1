import type { Drawn } from './actions/action.ts';
import { actionTypes } from './actions/index.ts';
import { rotateKeys } from './actions/releases.ts';
import type { ChaosOptions } from './options.ts';
import { createRandom } from './random.ts';

export interface PlannedAction extends Drawn {
  /** From the beginning of the run. */
  readonly atSeconds: number;
}

/** A gap is at most so many times the average. */
const LONGEST_GAP = 4;
/** Before this, there is hardly a connection to disturb. */
const FIRST_AFTER_SECONDS = 10;

/** What goes wrong when. The same seed and options give the same plan; leaving a group out moves no other action. */
export function planChaos(options: ChaosOptions): readonly PlannedAction[] {
  const { seed, every, without } = options;
  const faultSeconds = options.minutes * 60 - options.quietSeconds;
  const random = createRandom(`plan ${seed}`);
  const planned: PlannedAction[] = [];
  for (let atSeconds = FIRST_AFTER_SECONDS; atSeconds < faultSeconds;) {
    const own = random.fork(`action ${planned.length}`);
    planned.push({ atSeconds: Math.round(atSeconds), ...own.pickWeighted(actionTypes).draw(own) });
    atSeconds += every * Math.min(LONGEST_GAP, -Math.log(1 - random.fraction()));
  }
  planned.push({ atSeconds: Math.round(faultSeconds * (0.25 + random.fraction() / 4)), ...rotateKeys });
  return planned.filter(({ group }) => !without.has(group)).sort((one, other) => one.atSeconds - other.atSeconds);
}

export const planLines = (plan: readonly PlannedAction[]): readonly string[] =>
  plan.map(({ atSeconds, group, text }) => `${clock(atSeconds)}  ${group.padEnd(8)}  ${text}`);

/** Seconds as `12:05`. */
export function clock(seconds: number): string {
  const two = (part: number): string => String(Math.floor(part)).padStart(2, '0');
  return `${two(seconds / 60)}:${two(seconds % 60)}`;
}
