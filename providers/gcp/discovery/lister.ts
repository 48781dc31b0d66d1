import { Secret } from '../../../platform/secret.ts';
import { CallError } from '../../http/call-error.ts';
import type { ListContext, ResourceLister } from '../../listing/lister.ts';
import { parseRecord, unusable } from '../../preconditions.ts';
import { discovery } from '../manifest/discovery.ts';
import { readServiceAccountKey } from '../service-account/key.ts';
import { createGoogleApi, type GoogleApi, type GoogleApiDependencies } from './api.ts';
import { searchAssets } from './asset.ts';
import { confirmGone, confirmProjectsGone } from './confirm-gone.ts';
import { errorOf, failureOf, type Asked } from './failures.ts';
import { gcpKinds, isGcpKind } from './kinds.ts';
import { assetNotUsed, projectInvalid } from './problems.ts';
import { createProjectNumber, failureInProject, listProjects } from './projects.ts';
import { ListingRecordSchema } from './replies.ts';
import { listByServices } from './services.ts';

const LIST = 'resources';

/** Google Cloud's resources: all kinds of a project by one search of Cloud Asset, else by the lists of each service. */
export function createGcpLister(deps: GoogleApiDependencies): ResourceLister {
  return {
    manifest: discovery,
    lists: [{ id: LIST, scope: 'project', kinds: gcpKinds }],

    listProjects: async (context) =>
      await atGoogle(deps, context, resourceManager, async ({ api, asked }) => {
        const { urls } = context.region;
        const listing = await listProjects(api, { ...asked, urls }, quotaOf(context));
        return { kinds: [listing], source: 'services', notice: null };
      }),

    list: async (context, request) => {
      if (request.list !== LIST) throw new RangeError(`Google Cloud has no list "${request.list}".`);
      const project = checkedProject(request.projectId);
      const kinds = request.kinds.filter(isGcpKind);
      // A search without types would be one for everything.
      if (kinds.length === 0) return { kinds: [], source: 'asset', notice: null };
      return await atGoogle(deps, context, cloudAsset, async ({ api, asked: anywhere }) => {
        const { urls } = context.region;
        const asked = { ...anywhere, project };
        const quotaProject = quotaOf(context) ?? project;
        const projectNumber = createProjectNumber(api, urls, project);
        const answer = await searchAssets(api, {
          baseUrl: urls['cloudAsset'] ?? '',
          project,
          kinds,
          asked,
          quotaProjects: [quotaProject, null],
        });
        if (answer.outcome === 'listed') return { kinds: answer.kinds, source: 'asset', notice: null };
        const why = await failureInProject(answer.error, asked, projectNumber);
        const search = { urls, project, kinds, asked, quotaProject, projectNumber };
        return { kinds: await listByServices(api, search), source: 'services', notice: assetNotUsed(why.problem) };
      });
    },

    confirmGone: async (context, { kind, projectId, rows }) => {
      const isProjects = kind === discovery.projectKind;
      return await atGoogle(deps, context, isProjects ? resourceManager : cloudAsset, async ({ api, asked }) => {
        const witness = { urls: context.region.urls, asked: { ...asked, project: projectId } };
        return await (isProjects ? confirmProjectsGone : confirmGone)(api, witness, rows);
      });
    },

    readiness: () => Promise.resolve({ source: 'asset', version: null, notice: null }),
  };
}

type Anywhere = Omit<Asked, 'service' | 'api' | 'grant'>;

const cloudAsset = (asked: Anywhere): Asked => ({
  ...asked,
  service: 'Cloud Asset Inventory',
  api: 'cloudasset.googleapis.com',
  grant: 'Cloud Asset Viewer (roles/cloudasset.viewer)',
});

const resourceManager = (asked: Anywhere): Asked => ({
  ...asked,
  service: 'Cloud Resource Manager',
  api: 'cloudresourcemanager.googleapis.com',
  grant: 'Browser (roles/browser)',
});

/** Does one piece of listing with the stored token; a call that failed becomes a `ProviderError`. */
async function atGoogle<T>(
  deps: GoogleApiDependencies,
  { region, record, signal }: ListContext,
  of: (asked: Anywhere) => Asked,
  work: (at: { readonly api: GoogleApi; readonly asked: Asked }) => Promise<T>,
): Promise<T> {
  const stored = parseRecord(ListingRecordSchema, record);
  const asked = of({
    project: null,
    serviceAccount: addressIn(stored.service_account_key),
    console: region.values['consoleUrl'] ?? '',
  });
  try {
    return await work({ api: createGoogleApi(deps, new Secret(stored.access_token), signal), asked });
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof CallError ? errorOf(failureOf(error, asked)) : error;
  }
}

const quotaOf = ({ region }: ListContext): string | null => region.values['quotaProject'] ?? null;

function addressIn(key: string | undefined): string | null {
  return key === undefined ? null : readServiceAccountKey(key).clientEmail;
}

/** It becomes part of paths. Older ids may begin with a domain: `example.com:my-project`. */
function checkedProject(projectId: string | null): string {
  if (projectId !== null && /^[a-z0-9][a-z0-9.:-]{1,100}$/.test(projectId)) return projectId;
  throw unusable(projectInvalid(projectId));
}
