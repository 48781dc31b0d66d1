import { Value } from 'typebox/value';

import type { InventoryRow } from '../../../stores/inventory/port.ts';
import { CallError } from '../../http/call-error.ts';
import type { KindListing, ListFailure, Loss } from '../../listing/lister.ts';
import { discovery } from '../manifest/discovery.ts';
import type { GoogleApi } from './api.ts';
import { failureOf, unreadableRow, type Asked } from './failures.ts';
import { readPages } from './pages.ts';
import { refusalOf } from './refusal.ts';
import { projectRow, projectsPage } from './replies.ts';
import { rowOf } from './rows.ts';

const PROJECT_TYPE = 'cloudresourcemanager.googleapis.com/Project';

/** Active projects that the account can see. Throws `CallError`, or the signal's reason when aborted. */
export async function listProjects(
  api: GoogleApi,
  asked: Asked & { readonly urls: Readonly<Record<string, string>> },
  quotaProject: string | null,
): Promise<KindListing> {
  try {
    return await search(api, asked, quotaProject);
  } catch (error) {
    const reason = refusalOf(error)?.reason;
    const isAboutQuota = reason === 'USER_PROJECT_DENIED' || reason === 'SERVICE_DISABLED';
    if (quotaProject === null || !isAboutQuota) throw error;
    return await search(api, asked, null);
  }
}

async function search(
  api: GoogleApi,
  asked: Parameters<typeof listProjects>[1],
  quotaProject: string | null,
): Promise<KindListing> {
  const kind = discovery.projectKind ?? 'project';
  const url = new URL(`${asked.urls['resourceManager'] ?? ''}/v3/projects:search`);
  url.searchParams.set('pageSize', '500');
  const rows = new Map<string, InventoryRow>();
  const odd: Loss[] = [];
  const onRow = (row: unknown): void => {
    if (!Value.Check(projectRow, row)) return void odd.push(unreadableRow('a project', asked));
    const { name, projectId, displayName, state = 'ACTIVE', labels, createTime } = row;
    if (state !== 'ACTIVE') return;
    const facts = {
      name: projectId,
      assetType: PROJECT_TYPE,
      displayName,
      labels,
      createdAt: createTime,
      status: state,
      summary: { number: numberIn(name) },
    };
    rows.set(projectId, rowOf(kind, facts, { project: projectId, source: 'services', console: asked.console }));
  };
  const losses = await readPages(api, {
    url,
    schema: projectsPage,
    path: 'projects',
    asked,
    quotaProject,
    onPage: (page) => ('projects' in page ? page.projects : []).forEach(onRow),
  });
  return { kind, outcome: 'listed', rows: [...rows.values()], losses: [...losses, ...odd] };
}

/** Of the listed project; null where it cannot be found out. */
export type ProjectNumber = () => Promise<string | null>;

/** Errors name projects by their numbers. Asked at most once, and only where an error has to be understood. */
export function createProjectNumber(
  api: GoogleApi,
  urls: Readonly<Record<string, string>>,
  project: string,
): ProjectNumber {
  let number: Promise<string | null> | undefined;
  const ask = async (): Promise<string | null> => {
    try {
      const url = new URL(`${urls['resourceManager'] ?? ''}/v3/projects/${encodeURIComponent(project)}`);
      return numberIn((await api.get(url, projectRow)).name);
    } catch (error) {
      if (error instanceof CallError) return null;
      throw error;
    }
  };
  return async () => await (number ??= ask());
}

/** With the number where it decides whose API is not enabled. */
export async function failureInProject(error: unknown, asked: Asked, number: ProjectNumber): Promise<ListFailure> {
  const isDisabled = refusalOf(error)?.reason === 'SERVICE_DISABLED';
  return failureOf(error, { ...asked, projectNumber: isDisabled ? await number() : null });
}

const numberIn = (name: string): string | null => /^projects\/(\d+)$/.exec(name)?.[1] ?? null;
