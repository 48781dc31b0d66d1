import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';

import type { Loss } from '../../../listing/lister.ts';
import type { GoogleApi } from '../api.ts';
import { unreadableRow, type Asked } from '../failures.ts';
import type { AssetType, GcpKind } from '../kinds.ts';
import { readPages } from '../pages.ts';
import type { RowFacts } from '../rows.ts';

/** One list of one service. */
export interface ServiceList {
  readonly kind: GcpKind;
  readonly assetTypes: readonly AssetType[];
  /** The role of the URL in the manifest. */
  readonly url: string;
  /** As people know it, and as roles, links and errors name it. */
  readonly service: string;
  readonly api: string;
  readonly grant: string;
  /**
   * Whether nothing of it can exist where the API is disabled. Cloud SQL instances go on where it is, so that their list
   * is not known to be empty.
   */
  readonly isEmptyWhereDisabled: boolean;
  /** Throws `CallError` where nothing could be read, and the signal's reason when aborted. */
  readonly read: (call: ServiceCall) => Promise<Found>;
}

export interface ServiceCall {
  readonly api: GoogleApi;
  /** Of the service, without a slash at its end. */
  readonly baseUrl: string;
  readonly project: string;
  readonly asked: Asked;
  readonly quotaProject: string | null;
}

export interface Found {
  readonly facts: readonly RowFacts[];
  readonly losses: readonly Loss[];
}

/** Reads rows of one schema; an odd one is a loss and costs no other. */
export function readFacts<S extends TSchema>(
  rows: readonly unknown[],
  schema: S,
  asked: Asked,
  factsOf: (row: Static<S>) => RowFacts,
): Found {
  const facts: RowFacts[] = [];
  const losses: Loss[] = [];
  for (const [index, row] of rows.entries()) {
    if (Value.Check(schema, row)) facts.push(factsOf(row));
    else losses.push(unreadableRow(`row ${index + 1}`, asked));
  }
  return { facts, losses };
}

export const together = (found: readonly Found[]): Found => ({
  facts: found.flatMap(({ facts }) => facts),
  losses: found.flatMap(({ losses }) => losses),
});

/** All pages below a path of the service, with what each of them says to be missing. */
export async function readList<S extends TSchema>(
  call: ServiceCall,
  list: {
    readonly path: string;
    readonly parameters?: Readonly<Record<string, string>>;
    readonly schema: S;
    readonly read: (page: Static<S>) => Found;
  },
): Promise<Found> {
  const { api, baseUrl, asked, quotaProject } = call;
  const url = new URL(`${baseUrl}${list.path}`);
  for (const [name, value] of Object.entries(list.parameters ?? {})) url.searchParams.set(name, value);
  const found: Found[] = [];
  const onPage = (page: Static<S>): void => void found.push(list.read(page));
  const losses = await readPages(api, { url, schema: list.schema, path: list.path, asked, quotaProject, onPage });
  return together([...found, { facts: [], losses }]);
}

export const lastSegment = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

export const projectPath = ({ project }: ServiceCall): string => `projects/${encodeURIComponent(project)}`;
