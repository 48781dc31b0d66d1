import type { JsonObject } from '../../../../platform/json.ts';
import type { Reply, SandboxRequest } from '../../../core/cloud.ts';
import { invalidArgument, permissionDenied } from '../errors.ts';
import type { Collections } from '../inventory/collections.ts';
import {
  HIDDEN_SECRET,
  kindNames,
  kinds,
  type KindName,
  type KindOfResource,
  type Resource,
} from '../inventory/kinds.ts';
import type { Project } from '../inventory/projects.ts';
import type { GcpSettings } from '../settings.ts';
import type { ListMethod, Shape } from './methods.ts';
import { pageOf, sizeAsked, type Page } from './pages.ts';

const locations = ['europe-west1', 'europe-west3', 'me-central2', 'us-central1'];

export interface ListCall {
  readonly method: ListMethod;
  readonly project: Project;
  /** Of the path; `-` = all. */
  readonly location: string | undefined;
  readonly request: SandboxRequest;
  readonly settings: GcpSettings;
  readonly collections: Collections;
}

interface Placed {
  readonly kind: KindName;
  readonly resource: Resource;
}

export function listReply(call: ListCall): Reply {
  const { shape } = call.method;
  switch (shape.form) {
    case 'assets':
      return assets(call);
    case 'aggregated':
      return aggregated(call, shape.collection);
    case 'locations':
      return locationsReply(call);
    case 'list':
      return list(call, shape);
  }
}

const ok = (body: JsonObject): Reply => ({ status: 200, body });

const resourcesOf = ({ collections, project }: ListCall, kind: KindName): Placed[] =>
  [...collections.of(project.projectId, kind).values()].map((resource) => ({ kind, resource }));

const native = ({ project }: ListCall, { kind, resource }: Placed): JsonObject =>
  kinds[kind].native(project.projectId, resource);

function isUnreachable({ settings }: ListCall, { resource }: Placed): boolean {
  return settings.unreachableLocations.includes(resource.location.toLowerCase());
}

function locationsReply(call: ListCall): Reply {
  const { project, request, settings } = call;
  const all = [...locations].map((locationId) => ({
    locationId,
    name: `projects/${project.projectId}/locations/${locationId}`,
  }));
  const page = pageOf(all, request, sizeAsked(request, 'pageSize', settings.resourcesPageSize));
  return 'status' in page ? page : ok({ locations: [...page.rows], ...page.next });
}

function list(call: ListCall, { rows, word, size, gaps }: Extract<Shape, { form: 'list' }>): Reply {
  const { method, location, request, settings } = call;
  if (location !== undefined && location !== '-' && settings.refusedLocations.includes(location)) {
    return permissionDenied(method.service, method.permission, `locations/${location}`);
  }
  if (location === '-' && method.service === 'run.googleapis.com') {
    return invalidArgument('The location of the parent must not be a wildcard.');
  }
  const here = method.kinds
    .flatMap((kind) => resourcesOf(call, kind))
    .filter(({ resource }) => location === undefined || location === '-' || resource.location === location);
  const reached = here.filter((placed) => !isUnreachable(call, placed));
  const page: Page<Placed> | Reply =
    size === null
      ? { rows: reached, next: {} }
      : pageOf(reached, request, sizeAsked(request, size, settings.resourcesPageSize));
  if ('status' in page) return page;
  return ok({
    ...(word !== undefined && { kind: word }),
    // An empty list is left out.
    ...(page.rows.length > 0 && { [rows]: page.rows.map((placed) => native(call, placed)) }),
    ...page.next,
    ...(gaps !== undefined && settings.unreachableLocations.length > 0 && { [gaps]: gapsOf(gaps, settings) }),
  });
}

function gapsOf(gaps: string, { unreachableLocations }: GcpSettings) {
  return gaps === 'warnings'
    ? unreachableLocations.map((region) => ({ code: 'REGION_UNREACHABLE', message: 'unreachable', region }))
    : unreachableLocations.map((place) => (gaps === 'missingZones' ? place : `projects/p/locations/${place}`));
}

/** Every zone has an entry, an empty one with a warning that means nothing. */
function aggregated(call: ListCall, collection: string): Reply {
  const { method, request, settings } = call;
  const all = method.kinds.flatMap((kind) => resourcesOf(call, kind));
  const reached = all.filter((placed) => !isUnreachable(call, placed));
  const page = pageOf(reached, request, sizeAsked(request, 'maxResults', settings.resourcesPageSize));
  if ('status' in page) return page;
  const items: Record<string, JsonObject> = {
    'zones/asia-east1-a': {
      warning: {
        code: 'NO_RESULTS_ON_PAGE',
        message: "There are no results for scope 'zones/asia-east1-a' on this page.",
      },
    },
  };
  for (const [scope, placed] of Map.groupBy(page.rows, scopeOf)) {
    items[scope] = { [collection]: placed.map((one) => native(call, one)) };
  }
  for (const place of settings.unreachableLocations) {
    const scope = `${/-[a-z]$/.test(place) ? 'zones' : 'regions'}/${place}`;
    items[scope] = { warning: { code: 'UNREACHABLE', message: `The scope '${scope}' is not reachable.` } };
  }
  return ok({ kind: `compute#${collection.slice(0, -1)}AggregatedList`, items, ...page.next });
}

function scopeOf({ resource: { location } }: Placed): string {
  if (location === 'global') return 'global';
  return `${/-[a-z]$/.test(location) ? 'zones' : 'regions'}/${location}`;
}

/** Cloud Asset: all kinds together, in the fields that are asked for. */
function assets(call: ListCall): Reply {
  const { request, settings, project } = call;
  const types = request.query.getAll('assetTypes');
  const unknown = types.find((type) => !kindNames.some((kind) => kinds[kind].assetType === type));
  if (unknown !== undefined) return invalidArgument(`The asset type ${unknown} is not supported.`);
  const wanted = kindNames.filter((kind) => types.length === 0 || types.includes(kinds[kind].assetType));
  const all = wanted.flatMap((kind) => resourcesOf(call, kind));
  const page = pageOf(all, request, sizeAsked(request, 'pageSize', settings.resourcesPageSize));
  if ('status' in page) return page;
  const mask = request.query.get('readMask')?.split(',');
  const results = page.rows.map(({ kind, resource }) => {
    const { assetType, fullName }: KindOfResource = kinds[kind];
    const whole: JsonObject = {
      name: `//${fullName(project.projectId, resource)}`,
      assetType,
      project: `projects/${project.number}`,
      displayName: resource.name,
      location: resource.location,
      labels: { ...resource.labels },
      createTime: resource.createdAt,
      ...(resource.state !== null && { state: resource.state }),
      description: HIDDEN_SECRET,
      additionalAttributes: { metadata: HIDDEN_SECRET },
    };
    return mask === undefined
      ? whole
      : Object.fromEntries(Object.entries(whole).filter(([name]) => mask.includes(name)));
  });
  return ok({ ...(results.length > 0 && { results }), ...page.next });
}
