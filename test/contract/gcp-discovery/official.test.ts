import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import {
  alloydbRow,
  assetRow,
  bucketRow,
  clusterRow,
  diskRow,
  forwardingRuleRow,
  functionRow,
  instanceRow,
  networkRow,
  projectRow,
  repositoryRow,
  serviceRow,
  spannerRow,
  sqlRow,
} from '../../../providers/gcp/discovery/replies.ts';
import { listMethods } from '../../../sandbox/clouds/gcp/discovery/methods.ts';
import { projectScopes } from '../../../sandbox/clouds/gcp/api.ts';
import { listerForTest, web } from './on-sandbox.ts';

interface Official {
  readonly methods: Readonly<
    Record<string, { path: string; parameters: readonly string[]; scopes: readonly string[]; reply: string }>
  >;
  /** By name: the fields, each with the name of its own schema where that matters. */
  readonly schemas: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
}

const official = JSON.parse(
  readFileSync(new URL('../../data/google/methods.json', import.meta.url), 'utf8'),
) as Official;

/** Fields that the schema does not know; of fields with a schema of their own also theirs. */
function unknownFields(value: unknown, schema: string, path = ''): string[] {
  const fields = official.schemas[schema];
  if (fields === undefined) throw new Error(`The excerpt has no schema ${schema}.`);
  return Object.entries(value as Record<string, unknown>).flatMap(([name, inner]) => {
    const at = `${path}${name}`;
    const of = fields[name];
    if (of === undefined) return [`${schema}: ${at}`];
    if (of === null) return [];
    // The scopes of an aggregated list are a map by their names.
    const inners = Array.isArray(inner) ? inner : of.endsWith('ScopedList') ? Object.values(inner as object) : [inner];
    return [...new Set(inners.flatMap((one) => unknownFields(one, of, `${at}.`)))];
  });
}

const template = (path: string): string => path.replaceAll(/\{\w+\}/g, '*').replace('/v1/*/*:', '/v1/projects/*:');

describe('what the sandbox serves and the lister asks', () => {
  test.for(listMethods)('$id has the path and the scopes of Google’s own description', ({ id, path, scopes }) => {
    const method = official.methods[id];
    expect(template(method?.path ?? '')).toBe(template(path));
    const known = method?.scopes ?? [];
    expect(known).toEqual(expect.arrayContaining([...scopes]));
    // A read-only scope that the sandbox did not know would make it stricter than Google is.
    expect(scopes).toEqual(expect.arrayContaining(known.filter((scope) => /read-?only|cloud-platform/.test(scope))));
  });

  test('projects are seen with the scopes of Google’s own description', () => {
    for (const id of ['cloudresourcemanager.projects.search', 'cloudresourcemanager.projects.get']) {
      expect(official.methods[id]?.scopes.toSorted()).toEqual([...projectScopes].toSorted());
    }
  });

  test('every call of the lister has a path and parameters that Google describes', async () => {
    const { cloud, list, lister, context, requests } = await listerForTest();
    await lister.listProjects(context());
    await list();
    await cloud.change({
      gcp: { disabledServices: [`${web}/cloudasset.googleapis.com`, 'client/cloudasset.googleapis.com'] },
    });
    await list();
    const used = new Set<string>();
    for (const { url } of requests) {
      const path = url.pathname.replace(/^\/gcp\/services\/\w+/, '').replace(/^\/gcp/, '');
      const host = /\/services\/(\w+)\//.exec(url.pathname)?.[1] ?? 'cloudresourcemanager';
      const found = Object.entries(official.methods).find(([id, method]) => {
        const pattern = new RegExp(`^${template(method.path).replaceAll('*', '[^/:]+')}$`);
        return id.startsWith(host === 'sqladmin' ? 'sql.' : `${host}.`) && pattern.test(path);
      });
      expect([path, found?.[0]]).not.toEqual([path, undefined]);
      const [id, method] = found ?? ['', undefined];
      used.add(id);
      expect(method?.parameters).toEqual(expect.arrayContaining([...new Set(url.searchParams.keys())]));
    }
    expect(listMethods.map(({ id }) => id).filter((id) => !used.has(id))).toEqual([]);
  });

  test('every reply of the sandbox has fields that Google describes', async () => {
    const { url, token } = await listerForTest();
    for (const { id, path, service } of listMethods) {
      const at = path.replace('{project}', web).replace('{location}', 'europe-west1');
      const query = id === 'storage.buckets.list' ? `?project=${web}` : '';
      const address = `${url}/gcp/services/${service.replace('.googleapis.com', '')}${at}${query}`;
      const response = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
      expect([id, response.status]).toEqual([id, 200]);
      expect(unknownFields(await response.json(), official.methods[id]?.reply ?? '')).toEqual([]);
    }
  });

  test.for([
    ['cloudasset.v1/ResourceSearchResult', assetRow],
    ['cloudresourcemanager.v3/Project', projectRow],
    ['compute.v1/Instance', instanceRow],
    ['compute.v1/Disk', diskRow],
    ['compute.v1/ForwardingRule', forwardingRuleRow],
    ['compute.v1/Network', networkRow],
    ['container.v1/Cluster', clusterRow],
    ['sqladmin.v1/DatabaseInstance', sqlRow],
    ['spanner.v1/Instance', spannerRow],
    ['alloydb.v1/Cluster', alloydbRow],
    ['storage.v1/Bucket', bucketRow],
    ['run.v2/GoogleCloudRunV2Service', serviceRow],
    ['cloudfunctions.v2/Function', functionRow],
    ['artifactregistry.v1/Repository', repositoryRow],
  ] as const)('every field that is read of a row is one that Google describes: %s', ([schema, row]) => {
    expect(Object.keys(official.schemas[schema] ?? {})).toEqual(expect.arrayContaining(Object.keys(row.properties)));
  });
});
