import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';
import type { BareActivities } from './activities.ts';
import type { BareCode } from './cloud.ts';

const { renew, exchange, prove } = proxyActivities<BareActivities>({
  startToCloseTimeout: '12 s',
  retry: { initialInterval: '1 s', maximumInterval: '5 min' },
});

/** One pending activity that is tried again for ever: no timer, no event after the first five. */
export async function bareLoop(id: string): Promise<void> {
  await renew(id);
}

export const callback = defineSignal<[BareCode]>('callback');

/** Start, one signal, two activities. */
export async function bareOnboarding(id: string): Promise<void> {
  let code: BareCode | undefined;
  setHandler(callback, (given) => {
    code = given;
  });
  await condition(() => code !== undefined);
  if (code === undefined) return;
  await exchange(id, code);
  await prove(id);
}
