import {
  CancellationScope,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  makeContinueAsNewFunc,
  proxyActivities,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { isRefusedPayload } from '../../../contracts/refused-payload.ts';
import type { RotatingActivities } from './rotating.activities.ts';

/** Everything that a run hands to the next one, as a connection does. */
export interface RotatingState {
  readonly notes: readonly string[];
  /** Why messages and inputs were refused. */
  readonly refused: readonly string[];
  readonly runs: number;
}

export const noteSignal = defineSignal<[unknown]>('note');
export const noteUpdate = defineUpdate<number, [unknown]>('noted');
/** Goes on as a new run. */
export const turnSignal = defineSignal('turn');
export const stateQuery = defineQuery<RotatingState>('state');

const { waitForNews } = proxyActivities<RotatingActivities>({
  startToCloseTimeout: '10 s',
  retry: { initialInterval: '1 s', backoffCoefficient: 1 },
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
});

const isState = (value: unknown): value is RotatingState =>
  typeof value === 'object' && value !== null && 'notes' in value && Array.isArray(value.notes);

/**
 * A connection in small: its state goes from run to run in the input, its memo whole, one activity that has failed and
 * told its facts is always pending, and what it is sent is parsed.
 */
export async function rotating(input: unknown): Promise<never> {
  let state: RotatingState = isState(input) ? input : { notes: [], refused: [], runs: 0 };
  const refuse = (value: unknown): void => {
    if (isRefusedPayload(value)) state = { ...state, refused: [...state.refused, value.mooringRefused] };
  };
  state = { ...state, runs: state.runs + 1 };
  refuse(input);

  const take = (note: unknown): number => {
    refuse(note);
    if (typeof note === 'string') state = { ...state, notes: [...state.notes, note] };
    upsertMemo({ view: { notes: state.notes.length } });
    return state.notes.length;
  };
  let turn = false;
  setHandler(noteSignal, (note) => void take(note));
  setHandler(noteUpdate, take);
  setHandler(turnSignal, () => {
    turn = true;
  });
  setHandler(stateQuery, () => state);

  const upkeep = new CancellationScope();
  const pending = upkeep.run(async () => await waitForNews({ secret: 'what the activity is given' }));
  await condition(() => turn);
  upkeep.cancel();
  // However it ends: an attempt that was running tells its failure, one that waited is cancelled.
  await pending.catch(() => {});
  return await makeContinueAsNewFunc<typeof rotating>({ memo: workflowInfo().memo ?? {} })(state);
}

/** What a schedule starts: answers the input that it was given. */
export async function scheduled(input: unknown): Promise<unknown> {
  return input;
}
