import type { Arm } from './arm.ts';
import { query } from './columns.ts';
import { noticed } from './errors.ts';
import { readPages, type Pages } from './pages.ts';
import { rowsMissing } from './problems.ts';
import { GraphPageSchema } from './schema.ts';

const PATH = '/providers/Microsoft.ResourceGraph/resources';
const ADDRESS = `${PATH}?api-version=2024-04-01`;
const PAGE_SIZE = 1000;

/**
 * The resources of one subscription as Azure Resource Graph has them. What the account may not read is left out without a
 * word. Only `$skipToken` says whether there is more: `resultTruncated` is "false" on middle pages too.
 */
export async function queryResources(arm: Arm, subscription: string): Promise<Pages> {
  const pages = await readPages(PATH, async ($skipToken) => {
    const options = { resultFormat: 'objectArray', $top: PAGE_SIZE, ...($skipToken !== null && { $skipToken }) };
    const body = { subscriptions: [subscription], query, options };
    const { data, totalRecords, $skipToken: next } = await arm.post(ADDRESS, body, GraphPageSchema);
    return { rows: data, next: next || null, total: totalRecords };
  });
  const { rows, total, loss } = pages;
  if (loss || total === null || rows.length >= total) return pages;
  return { ...pages, loss: noticed(PATH, 'transient', rowsMissing(rows.length, total)) };
}
