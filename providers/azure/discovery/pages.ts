import type { Loss } from '../../listing/lister.ts';
import { ProviderError } from '../../provider.ts';
import type { Arm } from './arm.ts';
import { lossOf, noticed } from './errors.ts';
import { pagesElsewhere, pagesRepeat } from './problems.ts';
import { ArmPageSchema } from './schema.ts';

/** What was read of a list, and why the rest was not. */
export interface Pages {
  readonly rows: readonly unknown[];
  readonly loss: Loss | null;
  /** How many there are in all, where the list says. */
  readonly total: number | null;
}

export interface Page {
  readonly rows: readonly unknown[];
  /** What the next page is asked for by; null = this was the last. */
  readonly next: string | null;
  readonly total: number | null;
}

/** Far more than there are: 500,000 rows. */
const MOST_PAGES = 500;

/**
 * All pages. A next page that was read already would lead round for ever, so it ends the list as a loss, and so does a
 * page that fails after others came. Throws where the first page fails, and where the credential has ended.
 */
export async function readPages(path: string, read: (next: string | null) => Promise<Page>): Promise<Pages> {
  const rows: unknown[] = [];
  const seen = new Set<string>();
  let next: string | null = null;
  let total: number | null = null;
  do {
    const asked: string | null = next;
    let page: Page;
    try {
      page = await read(asked);
    } catch (error) {
      if (asked === null || !(error instanceof ProviderError) || error.class === 'revoked') throw error;
      return { rows, loss: lossOf(path, error), total };
    }
    rows.push(...page.rows);
    ({ next, total } = page);
    if (next !== null && (seen.has(next) || seen.size >= MOST_PAGES)) {
      return { rows, loss: noticed(path, 'transient', pagesRepeat), total };
    }
    if (next !== null) seen.add(next);
  } while (next !== null);
  return { rows, loss: null, total };
}

/** A list of Azure Resource Manager. The token goes with the next request too, so that must go to the same place. */
export async function readArmPages(arm: Arm, path: string): Promise<Pages> {
  const shown = path.split('?', 1)[0] ?? path;
  return await readPages(shown, async (next) => {
    if (next !== null && !arm.isHere(next)) {
      const problem = pagesElsewhere(URL.parse(next)?.origin ?? 'no URL', arm.context.region.manifest);
      throw new ProviderError({ class: 'config', problem, delivery: 'not_sent' });
    }
    const { value, nextLink } = await arm.get(next ?? path, ArmPageSchema);
    return { rows: value, next: nextLink || null, total: null };
  });
}
