import { Value } from 'typebox/value';

import type { InventoryRow } from '../../../stores/inventory/port.ts';
import { CallError } from '../../http/call-error.ts';
import type { KindListing, Loss } from '../../listing/lister.ts';
import type { GoogleApi } from './api.ts';
import { unreadableRow, type Asked } from './failures.ts';
import { assetTypes, kindOfAsset, type GcpKind } from './kinds.ts';
import { readPages } from './pages.ts';
import { isRateLimit, refusalOf } from './refusal.ts';
import { assetRow, assetsPage } from './replies.ts';
import { canonicalName, rowOf } from './rows.ts';

/** A page has at most 500 assets. */
const PAGE_SIZE = '500';
/** Without `description` and `additionalAttributes`, which may hold a megabyte and whatever a service puts there. */
const READ_MASK = 'name,assetType,project,displayName,location,labels,createTime,state';

export interface AssetSearch {
  /** Where Cloud Asset answers. */
  readonly baseUrl: string;
  readonly project: string;
  readonly kinds: readonly GcpKind[];
  readonly asked: Asked;
  /** What calls are counted for, by preference; null = the project of the OAuth client, or of the service account. */
  readonly quotaProjects: readonly (string | null)[];
}

export type AssetAnswer =
  | { readonly outcome: 'listed'; readonly kinds: readonly KindListing[] }
  /** Cloud Asset cannot be used here, but the services may answer all the same. */
  | { readonly outcome: 'refused'; readonly error: unknown };

/**
 * All kinds of one project. Throws `CallError` where asking the services instead would not be better: Google does not
 * answer, or does not accept the token. Throws the signal's reason when aborted.
 */
export async function searchAssets(api: GoogleApi, search: AssetSearch): Promise<AssetAnswer> {
  let refused: unknown;
  for (const quotaProject of search.quotaProjects) {
    try {
      return { outcome: 'listed', kinds: await searchFor(api, search, quotaProject) };
    } catch (error) {
      if (!(error instanceof CallError) || !servicesMayAnswer(error)) throw error;
      refused = error;
      // Only these two are about the project that the call is counted for, so that another one may do.
      const reason = refusalOf(error)?.reason;
      if (reason !== 'USER_PROJECT_DENIED' && reason !== 'SERVICE_DISABLED') break;
    }
  }
  return { outcome: 'refused', error: refused };
}

function servicesMayAnswer(error: CallError): boolean {
  const refusal = refusalOf(error);
  return refusal !== undefined && [400, 403, 404].includes(refusal.status) && !isRateLimit(refusal);
}

async function searchFor(
  api: GoogleApi,
  search: AssetSearch,
  quotaProject: string | null,
): Promise<readonly KindListing[]> {
  const { baseUrl, project, kinds, asked } = search;
  const url = new URL(`${baseUrl}/v1/projects/${encodeURIComponent(project)}:searchAllResources`);
  url.searchParams.set('pageSize', PAGE_SIZE);
  url.searchParams.set('readMask', READ_MASK);
  for (const kind of kinds) for (const type of assetTypes[kind]) url.searchParams.append('assetTypes', type);

  const found = new Map(kinds.map((kind) => [kind, { rows: new Map<string, InventoryRow>(), losses: [] as Loss[] }]));
  let count = 0;
  const losses = await readPages(api, {
    url,
    schema: assetsPage,
    path: 'Cloud Asset Inventory',
    asked,
    quotaProject,
    onPage: (page) => {
      for (const row of 'results' in page ? page.results : []) readRow(row, (count += 1));
    },
  });

  function readRow(row: unknown, number: number): void {
    const kind = kindOfAsset(typeOf(row));
    // Of a row without a type it is not known which kind lacks it.
    const concerned = [...found].filter(([one]) => kind === undefined || one === kind).map(([, each]) => each);
    if (!Value.Check(assetRow, row)) {
      for (const { losses: lost } of concerned) lost.push(unreadableRow(`row ${number}`, asked));
      return;
    }
    if (kind === undefined) return;
    const projectNumber = /^projects\/(\d+)$/.exec(row.project ?? '')?.[1] ?? null;
    const name = canonicalName(row.name, project, projectNumber);
    const { assetType, displayName, location, labels, createTime, state } = row;
    const facts = { name, assetType, displayName, location, labels, createdAt: createTime, status: state };
    found.get(kind)?.rows.set(name, rowOf(kind, facts, { project, source: 'asset', console: asked.console }));
  }

  return [...found].map(([kind, { rows, losses: lost }]) => ({
    kind,
    outcome: 'listed',
    rows: [...rows.values()],
    losses: [...losses, ...lost],
  }));
}

const typeOf = (row: unknown): string => {
  const { assetType } = (row instanceof Object ? row : {}) as { readonly assetType?: unknown };
  return typeof assetType === 'string' ? assetType : '';
};
