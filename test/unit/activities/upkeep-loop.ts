import type { Info } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { expect } from 'vitest';
import { createKeepFresh } from '../../../activities/refresh/keep-fresh.ts';
import { createRefreshProtocol } from '../../../activities/refresh/protocol.ts';
import { failureTypes, type KeepFreshInput, type KeepFreshOutcome } from '../../../contracts/activities.ts';
import { inActivity, keepFreshInput, type UpkeepWorld } from './upkeep-world.ts';

/** One attempt of upkeep, as Temporal would make it. */
export async function attempt(
  { deps }: UpkeepWorld,
  more: Partial<KeepFreshInput> = {},
  count = 1,
  info: Partial<Info> = {},
): Promise<KeepFreshOutcome> {
  const activity = createKeepFresh(deps, createRefreshProtocol(deps));
  return await inActivity(activity, keepFreshInput(more), { attempt: count, ...info });
}

/** The failure by which an attempt asks for the next one; no secret stands in it. */
export async function asked(
  world: UpkeepWorld,
  more: Partial<KeepFreshInput> = {},
  count = 1,
): Promise<ApplicationFailure> {
  const ending: unknown = await attempt(world, more, count).catch((error: unknown) => error);
  if (!(ending instanceof ApplicationFailure)) throw new Error(`It ended otherwise: ${JSON.stringify(ending)}.`);
  expect(ending).toMatchObject({ type: failureTypes.askAgain, nonRetryable: false, stack: '' });
  const told = JSON.stringify([ending.message, ending.details]);
  expect(world.cloud.tokens.filter((token) => told.includes(token))).toEqual([]);
  return ending;
}
