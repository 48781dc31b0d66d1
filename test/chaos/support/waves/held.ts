import type { SandboxClient } from '../../../../sandbox/client.ts';
import { eventually } from '../../../support/eventually.ts';

export async function untilHeld(cloud: SandboxClient, count: number) {
  return await eventually(`${count} requests to be held`, async () => {
    const holds = await cloud.holds();
    return holds.length === count && holds;
  });
}

/** Whoever has passed the deadline of 6 s of a request is no longer where it was to be killed. */
export const isAnyoneGone = async (cloud: SandboxClient): Promise<boolean> =>
  (await cloud.holds()).some(({ clientGone }) => clientGone);

export async function releaseAll(cloud: SandboxClient): Promise<void> {
  for (const hold of await cloud.holds()) await cloud.release(hold);
}
