import type { Static, TSchema } from 'typebox';

import { CallError } from '../../http/call-error.ts';
import type { Loss } from '../../listing/lister.ts';
import type { GoogleApi } from './api.ts';
import { endlessPages, lossOf, type Asked } from './failures.ts';

/** Over 100,000 rows. No list is longer; one that seems so goes round in circles. */
const MOST_PAGES = 250;

export interface PagedList<S extends TSchema> {
  readonly url: URL;
  readonly schema: S;
  /** Names the list in losses. */
  readonly path: string;
  readonly asked: Asked;
  readonly quotaProject?: string | null;
  readonly onPage: (page: Static<S>) => void;
}

/**
 * Reads all pages. Throws like `GoogleApi` where not even the first one is answered; what goes wrong later is a loss, so
 * that the pages before it are kept.
 */
export async function readPages<S extends TSchema>(api: GoogleApi, list: PagedList<S>): Promise<readonly Loss[]> {
  const { schema, path, asked, quotaProject = null, onPage } = list;
  const url = new URL(list.url);
  const seen = new Set<string>();
  for (;;) {
    let page: Static<S>;
    try {
      page = await api.get(url, schema, quotaProject);
    } catch (error) {
      // Not a call's failure: the listing was cancelled.
      if (seen.size === 0 || !(error instanceof CallError)) throw error;
      const loss = lossOf(path, error, asked);
      // A token that ends half-way: the whole list is asked for again with the next one.
      if (loss.class === 'revoked') throw error;
      return [loss];
    }
    onPage(page);
    const { nextPageToken: next } = page as { readonly nextPageToken?: string };
    if (!next) return [];
    if (seen.has(next) || seen.size >= MOST_PAGES) return [endlessPages(path, asked)];
    seen.add(next);
    url.searchParams.set('pageToken', next);
  }
}
