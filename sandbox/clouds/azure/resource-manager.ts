import type { JsonObject } from '../../../platform/json.ts';
import type { CloudContext, Reply, SandboxRequest } from '../../core/cloud.ts';
import type { Subscription } from './directory.ts';
import { armError, forbidden, type Caller } from './resources/caller.ts';
import type { AzureResource, Estate } from './resources/estate.ts';
import { pageOf } from './resources/pages.ts';
import type { Principals } from './principals.ts';
import type { AzureCloud, AzureSettings } from './settings.ts';

/** A request below `/subscriptions`, by the endpoint's name and the parts of its path. */
export interface ArmRoute {
  readonly endpoint: string;
  readonly parts: readonly string[];
}

const routes: readonly (readonly [endpoint: string, path: RegExp])[] = [
  ['subscriptions.list', /^\/subscriptions$/],
  ['subscriptions.get', /^\/subscriptions\/([^/]+)$/],
  ['resources.list', /^\/subscriptions\/([^/]+)\/resources$/],
  ['permissions.list', /^\/subscriptions\/([^/]+)\/providers\/Microsoft\.Authorization\/permissions$/i],
  ['resources.of-type', /^\/subscriptions\/([^/]+)\/providers\/([^/]+\/[^/]+)$/],
  ['resource-groups.get', /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)$/i],
  ['resources.get', /^(\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/[^/]+\/.+)$/i],
];

export const armEndpoints = routes.map(([endpoint]) => endpoint);

export function armRoute(path: string): ArmRoute | undefined {
  for (const [endpoint, pattern] of routes) {
    const found = pattern.exec(decodeURI(path));
    if (found) return { endpoint, parts: found.slice(1) };
  }
  return undefined;
}

interface Call {
  readonly cloud: AzureCloud;
  readonly caller: Caller;
  readonly request: SandboxRequest;
  readonly route: ArmRoute;
}

/** Azure Resource Manager. It checks the right before it looks, so "not found" is said only to those who may see. */
export function createResourceManager(
  { settings }: CloudContext<AzureSettings>,
  { estate, principals }: { estate: Estate; principals: Principals },
): (call: Call) => Reply {
  function paged({ cloud, request, route: { endpoint } }: Call, rows: readonly JsonObject[], size: number): Reply {
    const page = pageOf(rows, request.query.get('$skiptoken'), size, settings().brokenPages[endpoint]);
    if (!page) return armError(400, 'InvalidSkipToken', 'The skip token is invalid.');
    const rest = new URLSearchParams(request.query);
    rest.set('$skiptoken', page.token ?? '');
    const path = request.path.replace(/^\/azure\/[a-z-]+/, '');
    const nextLink = `http://${request.headers.host}/azure/${cloud.id}${path}?${rest.toString()}`;
    return { status: 200, body: { value: page.rows, ...(page.token !== null && { nextLink }) } };
  }

  function ofSubscription(call: Call, subscription: string): Reply {
    const { cloud, caller, request, route } = call;
    const [, type = ''] = route.parts;
    const scope = `/subscriptions/${subscription}`;
    const may = (action: string): boolean => caller.may(action, subscription);
    const all = (): readonly AzureResource[] => estate.resources(cloud, subscription);
    switch (route.endpoint) {
      case 'resources.list': {
        const action = 'Microsoft.Resources/subscriptions/resources/read';
        if (!may(action)) return forbidden(caller, action, scope);
        const rows = all().filter((one) => may(`${one.type}/read`) && !isChild(one));
        return paged(call, rows.map(inList), settings().resourcePageSize);
      }
      case 'permissions.list': {
        const action = 'Microsoft.Authorization/permissions/read';
        if (!may(action)) return forbidden(caller, action, scope);
        const { actions, notActions } = caller.permissions;
        return paged(call, [{ actions: [...actions], notActions: [...notActions], dataActions: [] }], 100);
      }
      case 'resources.of-type': {
        if (!may(`${type}/read`)) return forbidden(caller, `${type}/read`, scope);
        const isStatus = request.query.get('statusOnly') === 'true';
        const rows = all().filter((one) => one.type.toLowerCase() === type.toLowerCase());
        return paged(call, rows.map(isStatus ? withState : ({ body }) => body), settings().resourcePageSize);
      }
      default: {
        const group = type;
        const action = 'Microsoft.Resources/subscriptions/resourceGroups/read';
        if (!may(action)) return forbidden(caller, action, `${scope}/resourceGroups/${group}`);
        return estate.hasGroup(cloud, subscription, group)
          ? { status: 200, body: { id: `${scope}/resourceGroups/${group}`, name: group } }
          : armError(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`);
      }
    }
  }

  function resource({ cloud, caller, route: { parts } }: Call): Reply {
    const [id = ''] = parts;
    const { subscription, group, type, name } = partsOf(id);
    if (!caller.may(`${type}/read`, subscription)) return forbidden(caller, `${type}/read`, id);
    const found = estate.find(cloud, id);
    if (found) return { status: 200, body: found.body };
    return estate.hasGroup(cloud, subscription, group)
      ? armError(
          404,
          'ResourceNotFound',
          `The Resource '${type}/${name}' under resource group '${group}' was not found.`,
        )
      : armError(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`);
  }

  return (call) => {
    const { cloud, caller, route } = call;
    const [id = ''] = route.parts;
    if (route.endpoint === 'subscriptions.list') {
      return paged(call, caller.subscriptions.map(subscriptionRow), settings().pageSize);
    }
    if (route.endpoint === 'resources.get') return resource(call);
    const state = principals.subscriptionState(cloud, id);
    if (state === undefined || state === 'Deleted') {
      return armError(404, 'SubscriptionNotFound', `The subscription '${id}' could not be found.`);
    }
    if (state === 'Moved') {
      const text = `The access token is from the wrong issuer. It must match the tenant associated with this subscription.`;
      return armError(401, 'InvalidAuthenticationTokenTenant', text);
    }
    if (route.endpoint !== 'subscriptions.get') return ofSubscription(call, id);
    const found = caller.subscriptions.find((one) => one.id === id.toLowerCase());
    if (found) return { status: 200, body: subscriptionRow(found) };
    return forbidden(caller, 'Microsoft.Resources/subscriptions/read', `/subscriptions/${id}`);
  };
}

const isChild = ({ type }: AzureResource): boolean => type.split('/').length > 2;

/** `/subscriptions/{id}/resourceGroups/{group}/providers/{namespace}/{type}/{name}…`. */
function partsOf(id: string) {
  const [, , subscription = '', , group = '', , namespace = '', ...rest] = id.split('/');
  const every = (second: 0 | 1): string => rest.filter((_part, index) => index % 2 === second).join('/');
  return { subscription, group, type: `${namespace}/${every(0)}`, name: every(1) };
}

/** The list of everything has no properties. */
function inList({ body: { properties: _properties, ...rest }, created }: AzureResource): JsonObject {
  return { ...rest, createdTime: created, changedTime: created, provisioningState: 'Succeeded' };
}

function withState({ body, power }: AzureResource): JsonObject {
  const { id = null, name = null, type = null, location = null } = body;
  const statuses = [{ code: 'ProvisioningState/succeeded' }, { code: power ?? '' }];
  return { id, name, type, location, properties: { instanceView: { statuses } } };
}

const subscriptionRow = ({ id, name, tenantId, state }: Subscription): JsonObject => ({
  id: `/subscriptions/${id}`,
  subscriptionId: id,
  tenantId,
  displayName: name,
  state,
  authorizationSource: 'RoleBased',
});
