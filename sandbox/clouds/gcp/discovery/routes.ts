import type { CloudContext, Operation, Reply, SandboxRequest } from '../../../core/cloud.ts';
import type { Access } from '../access.ts';
import { notFound, unauthenticated } from '../errors.ts';
import type { Collections } from '../inventory/collections.ts';
import { kinds, type KindName } from '../inventory/kinds.ts';
import type { GcpSettings } from '../settings.ts';
import { listMethods, shortName, type ListMethod } from './methods.ts';
import { listReply } from './replies.ts';

interface Compiled {
  readonly method: ListMethod;
  readonly pattern: RegExp;
}

const compiled: readonly Compiled[] = listMethods.map((method) => ({
  method,
  pattern: new RegExp(
    `^/${shortName(method)}${method.path.replaceAll('{project}', '(?<project>[^/:]+)').replaceAll('{location}', '(?<location>[^/]+)')}$`,
  ),
}));

/** One resource: below the path of its list, or of Compute Engine below its place. */
const single: readonly { method: ListMethod; kind: KindName; pattern: RegExp }[] = compiled.flatMap(({ method }) =>
  method.kinds.map((kind) => ({
    method,
    kind,
    pattern: new RegExp(`^/${shortName(method)}${prefixOf(method)}/(?<name>.+)$`),
  })),
);

/** The endpoints' names, for fault scripts and counters: `compute.instances.aggregatedList`, and `resource.get` for all. */
export const discoveryEndpoints: readonly string[] = [...listMethods.map(({ id }) => id), 'resource.get'];

/** What is listed below `/gcp/services/`. */
export function createDiscovery(
  { settings }: CloudContext<GcpSettings>,
  { access, collections }: { access: Access; collections: Collections },
) {
  function listed({ method, pattern }: Compiled, path: string, request: SandboxRequest): Reply {
    const { project: name = request.query.get('project') ?? '', location } = pattern.exec(path)?.groups ?? {};
    const project = access.admit(request, method, decodeURIComponent(name));
    if ('status' in project) return project;
    return listReply({ method, project, location, request, settings: settings(), collections });
  }

  function read(path: string, request: SandboxRequest): Reply {
    if (!access.caller(request)) return unauthenticated;
    for (const { method, kind, pattern } of single) {
      const name = pattern.exec(path)?.groups?.['name'];
      if (name === undefined) continue;
      const owner = /^projects\/([^/]+)\//.exec(name)?.[1];
      const found = resourceNamed(kind, name, owner);
      if (!found) continue;
      const guarded = { ...method, permission: method.permission.replace(/\.list$/, '.get') };
      const project = access.admit(request, guarded, found.project);
      return 'status' in project ? project : { status: 200, body: kinds[kind].native(found.project, found.resource) };
    }
    // What does not exist is not there for those alone who may ask.
    const asked = single.find(({ pattern }) => pattern.test(path));
    const owner = /\/projects\/([^/]+)\//.exec(path)?.[1];
    if (asked && owner !== undefined) {
      const guarded = { ...asked.method, permission: asked.method.permission.replace(/\.list$/, '.get') };
      const project = access.admit(request, guarded, owner);
      if ('status' in project) return project;
    }
    return notFound(path);
  }

  function resourceNamed(kind: KindName, name: string, owner: string | undefined) {
    const wanted = name.replace('/zones/', '/locations/');
    // A bucket's name says nothing of its project.
    for (const project of owner === undefined ? collections.projects() : [owner]) {
      for (const resource of collections.of(project, kind).values()) {
        const full = kinds[kind].fullName(project, resource);
        if (full.slice(full.indexOf('/') + 1).replace('/zones/', '/locations/') === wanted)
          return { project, resource };
      }
    }
    return undefined;
  }

  return (path: string, request: SandboxRequest): Pick<Operation, 'endpoint' | 'handle'> | undefined => {
    if (request.method !== 'GET') return undefined;
    const found = compiled.find(({ pattern }) => pattern.test(path));
    if (found) return { endpoint: found.method.id, handle: () => listed(found, path, request) };
    if (!single.some(({ pattern }) => pattern.test(path))) return undefined;
    return { endpoint: 'resource.get', handle: () => read(path, request) };
  };
}

/** What stands before a resource's name at its service: `/compute/v1`, `/storage/v1/b`, `/v2`. */
function prefixOf({ path }: ListMethod): string {
  return path.includes('/projects/') ? path.slice(0, path.indexOf('/projects/')) : path;
}
