import type { Problem } from '../../../contracts/problem.ts';
import type { ListFailure, Loss } from '../../listing/lister.ts';
import { CallFailed, type RegionCalls } from './calls.ts';
import type { Service } from './endpoints.ts';
import { isPartly, lossOf } from './place.ts';
import { pagesRepeat, unexpectedAnswer } from './problems.ts';

export interface Page {
  /** Undefined = the reply has no list at all, which is not the same as an empty one. */
  readonly rows: readonly unknown[] | undefined;
  readonly next: string | undefined;
}

export type AskPage = (token: string | undefined, options: { abortSignal: AbortSignal }) => Promise<Page>;

/** 20,000 functions have 400. */
const MOST_PAGES = 5_000;

/**
 * All pages of a list, each given to `take` as it comes; answers what was lost. The SDK's own paginators follow a repeated
 * token for ever, or end as if the list were complete; a circle of tokens they never notice. Throws {@link CallFailed}
 * where the first page fails; a later one is a loss.
 */
export async function allPages(
  calls: RegionCalls,
  of: { readonly service: Service; readonly action: string },
  ask: AskPage,
  take: (rows: readonly unknown[]) => void,
): Promise<readonly Loss[]> {
  const { service, action } = of;
  const asked = { action, region: calls.region };
  const path = pathOf(calls, action);
  const seen = new Set<string>();
  for (let token: string | undefined; ;) {
    try {
      const at = token;
      const { rows, next } = await calls.call(service, action, async (options) => await ask(at, options));
      if (rows === undefined) throw failed(unexpectedAnswer(asked, 'no list in it'));
      take(rows);
      token = next;
    } catch (error) {
      if (token === undefined || !isPartly(error)) throw error;
      return [lossOf(path, error)];
    }
    // Some services end with an empty token.
    if (!token) return [];
    if (seen.has(token) || seen.size >= MOST_PAGES) return [lossOf(path, failed(pagesRepeat(asked)))];
    seen.add(token);
  }
}

/** What a loss calls a list, e.g. `eu-west-1/ec2:DescribeInstances`. */
export const pathOf = ({ region }: RegionCalls, action: string): string => `${region}/${action}`;

export const failed = (problem: Problem): CallFailed => {
  const failure: ListFailure = { class: 'transient', problem, retryAfterSeconds: null, denied: null };
  return new CallFailed({ sign: null, failure });
};
