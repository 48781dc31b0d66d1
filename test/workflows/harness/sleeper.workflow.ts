import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { proxyActivities, sleep, upsertSearchAttributes } from '@temporalio/workflow';
import type { SleeperActivities } from './sleeper.activities.ts';
import { searchAttributes } from '../../../contracts/search-attributes.ts';

const { timeOfDay } = proxyActivities<SleeperActivities>({ startToCloseTimeout: '10 s' });
const tags = defineSearchAttributeKey(searchAttributes.tags.name, SearchAttributeType.KEYWORD_LIST);
const since = defineSearchAttributeKey(searchAttributes.statusSince.name, SearchAttributeType.DATETIME);

/** Asks for the time, sleeps for days, asks again: what a connection does all its life. */
export async function sleeper(days: number): Promise<[before: string, after: string]> {
  const before = await timeOfDay();
  upsertSearchAttributes([
    { key: tags, value: ['harness'] },
    { key: since, value: new Date() },
  ]);
  await sleep(`${days} days`);
  return [before, await timeOfDay()];
}
