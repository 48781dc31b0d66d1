import type { Reply } from '../../core/cloud.ts';
import { apiErrors } from './api-errors.ts';
import { ok, type ApiCall, type ApiRoute, pageOf } from './api-route.ts';
import type { Inventory } from './inventory/inventory.ts';
import { kindNames, kinds, type KindName } from './inventory/kinds/index.ts';
import { registryPlan } from './inventory/kinds/containers.ts';
import type { Kind } from './inventory/kind.ts';
import { PROJECT_ACTION } from './inventory/projects.ts';

const PROJECT = '/cloud/project/([^/]+)';

/**
 * The owner of the resources below a path, and the remaining parameters; an error reply if the caller does not own
 * them.
 */
type Owned = (call: ApiCall, answer: (owner: string, rest: readonly string[]) => Reply) => Reply;

/** What can be found in an account: lists, most of them of ids only, and a detail for each id. */
export function discoveryRoutes(inventory: Inventory): readonly ApiRoute[] {
  const { projects, collections } = inventory;

  const inProject: Owned = ({ caller, parameters: [id = '', ...rest] }, answer) => {
    const project = projects.find(id);
    return project?.account === caller.account.nichandle ? answer(project.id, rest) : apiErrors.noSuchService;
  };
  const inAccount: Owned = ({ caller, parameters }, answer) => answer(caller.account.nichandle, parameters);

  const detail = (owner: string, kind: KindName, id: string, { region }: ApiCall): Reply => {
    const row = inventory.row(owner, kind, id, region.short);
    return row ? ok(row) : apiErrors.noSuchObject(id);
  };

  function routesOf(name: KindName): ApiRoute[] {
    const kind: Kind = kinds[name];
    const { path, endpoint, action, listed } = kind;
    const [prefix, owned] = kind.owner === 'project' ? [PROJECT, inProject] : ['', inAccount];
    const on = kind.owner === 'project' ? ({ on: 'project' } as const) : {};
    return [
      {
        path: new RegExp(`^/1\\.0${prefix}${path}$`),
        endpoint: `${endpoint}.list`,
        action,
        ...on,
        handle: (call) =>
          owned(call, (owner) => {
            const rows = collections.rows(owner, name);
            return ok(listed ? [...rows.values()].map(listed) : [...rows.keys()]);
          }),
      },
      {
        path: new RegExp(`^/1\\.0${prefix}${path}/([^/]+)$`),
        endpoint: `${endpoint}.detail`,
        action,
        ...on,
        handle: (call) => owned(call, (owner, [id = '']) => detail(owner, name, id, call)),
      },
    ];
  }

  return [
    {
      path: /^\/1\.0\/cloud\/project$/,
      endpoint: 'cloud.project.list',
      action: PROJECT_ACTION,
      on: 'listed',
      handle: ({ caller, mayInProject }) => {
        const all = projects.list(caller.account.nichandle).map(({ id }) => id);
        return ok(all.filter((id) => mayInProject(PROJECT_ACTION, id)));
      },
    },
    {
      path: new RegExp(`^/1\\.0${PROJECT}$`),
      endpoint: 'cloud.project.detail',
      action: PROJECT_ACTION,
      on: 'project',
      handle: (call) =>
        inProject(call, (id) => {
          const project = projects.find(id);
          return project ? ok(inventory.projectRow(project, call.region.short)) : apiErrors.noSuchService;
        }),
    },
    // Buckets are found below each region only.
    ...kindNames.filter((name) => name !== 's3').flatMap(routesOf),
    {
      path: new RegExp(`^/1\\.0${PROJECT}/region/([^/]+)/storage$`),
      endpoint: `${kinds.s3.endpoint}.list`,
      action: kinds.s3.action,
      on: 'project',
      handle: (call) =>
        inProject(call, (owner, [place = '']) => {
          if (!collections.rows(owner, 'region').has(place)) return apiErrors.noSuchObject(place);
          return ok([...collections.rows(owner, 's3').values()].filter((row) => row['region'] === place));
        }),
    },
    {
      path: new RegExp(`^/1\\.0${PROJECT}/region/([^/]+)/storage/([^/]+)$`),
      endpoint: `${kinds.s3.endpoint}.detail`,
      action: kinds.s3.action,
      on: 'project',
      handle: (call) =>
        inProject(call, (owner, [place = '', name = '']) => {
          const row = collections.rows(owner, 's3').get(name);
          return row?.['region'] === place ? ok(row) : apiErrors.noSuchObject(name);
        }),
    },
    {
      path: new RegExp(`^/1\\.0${PROJECT}/containerRegistry/([^/]+)/plan$`),
      endpoint: 'cloud.registry.plan',
      action: 'publicCloudProject:apiovh:containerRegistry/plan/get',
      on: 'project',
      handle: (call) =>
        inProject(call, (owner, [id = '']) =>
          collections.rows(owner, 'registry').has(id) ? ok(registryPlan(id)) : apiErrors.noSuchObject(id),
        ),
    },
    {
      path: /^\/v2\/iam\/resource$/,
      endpoint: 'iam.resource.list',
      handle: ({ caller, region, request }) =>
        pageOf(inventory.iamRows(caller.account.nichandle, region.short), request),
    },
  ];
}
