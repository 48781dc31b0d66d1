import type { Static } from 'typebox';

import { startDeadline } from '../../platform/deadline.ts';
import type { Secret } from '../../platform/secret.ts';
import type { Account } from '../../contracts/connection.ts';
import { createBearerJson } from '../http/bearer-json.ts';
import { CallError } from '../http/call-error.ts';
import { calling } from '../http/call-watch.ts';
import { readableRows, type ReadableRows } from '../listing/readable-rows.ts';
import type { RegionSettings } from '../manifests/settings.ts';
import type { MethodDependencies } from '../preconditions.ts';
import { ProjectSchema, ProjectsPageSchema, UserinfoSchema } from './schema.ts';

/** What each method of Google Cloud is made of. */
export interface GcpMethodDependencies extends MethodDependencies {
  /** Of all pages of a list together; each request has its own besides. */
  readonly listDeadlineMs?: number;
}

/** Google's APIs as the bearer of an access token sees them. Throws `CallError` and nothing else. */
export interface GcpClient {
  /** Whose token it is. */
  account(accessToken: Secret<string>, signal: AbortSignal): Promise<Account>;
  /** Ids of the active projects that the token can see, over all pages. */
  projects(accessToken: Secret<string>, signal: AbortSignal): Promise<ReadableRows<string>>;
}

/** Of all pages together; a page takes well under a second, and has hundreds of projects. */
const LIST_DEADLINE_MS = 60_000;

export function createGcpClient(deps: GcpMethodDependencies, region: RegionSettings): GcpClient {
  const { listDeadlineMs = LIST_DEADLINE_MS } = deps;
  const get = createBearerJson(deps);

  async function pages(token: Secret<string>, signal: AbortSignal): Promise<ReadableRows<string>> {
    const listed: unknown[] = [];
    const url = new URL(`${region.urls['resourceManager'] ?? ''}/v3/projects:search`);
    for (let next: string | undefined = ''; next !== undefined;) {
      if (next !== '') url.searchParams.set('pageToken', next);
      const page: Static<typeof ProjectsPageSchema> = await get(url.href, ProjectsPageSchema, token, signal);
      listed.push(...(page.projects ?? []));
      next = page.nextPageToken || undefined;
    }
    const { rows, warnings } = readableRows(ProjectSchema, listed, { cloud: 'Google Cloud', what: 'projects' });
    const active = rows.filter(({ state = 'ACTIVE' }) => state === 'ACTIVE');
    return { rows: active.map(({ projectId }) => projectId), warnings };
  }

  return {
    async account(token, signal) {
      const { sub, email } = await calling('account.read', () =>
        get(region.urls['userinfo'] ?? '', UserinfoSchema, token, signal),
      );
      return { id: sub, displayName: email ?? null };
    },
    async projects(token, signal) {
      const deadline = startDeadline(listDeadlineMs);
      try {
        const either = AbortSignal.any([signal, deadline.signal]);
        return await calling('projects.list', () => pages(token, either));
      } catch (error) {
        if (!deadline.signal.aborted || signal.aborted) throw error;
        const reason = `the list of projects was not complete within ${listDeadlineMs / 1000} s`;
        throw new CallError({ kind: 'no_answer', delivery: 'unknown', reason });
      } finally {
        deadline.cancel();
      }
    },
  };
}
