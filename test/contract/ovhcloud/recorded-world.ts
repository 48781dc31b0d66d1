import { parse } from 'yaml';
import type { Json, JsonObject } from '../../../platform/json.ts';
import { capturedRun } from './captured-runs.ts';

/**
 * What the simulated API held, taken back out of the rows that the successful runs printed: bodies by path below
 * the endpoint. Ids come in the order of the rows, since the program prints details in the order of the ids.
 */
export type World = ReadonlyMap<string, Json>;

export const projectId = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';
const P = `/cloud/project/${projectId}`;

export const recordedWorld: World = new Map<string, Json>([
  ...listed('/cloud/project', rowsOf('projects|token|ok'), 'project_id'),
  ...listedAsObjects(`${P}/instance`, rowsOf('instances|token|ok')),
  ...listed(`${P}/kube`, rowsOf('kube|token|ok'), 'id'),
  ...listed(`${P}/database/service`, rowsOf('databases|token|ok'), 'id'),
  ...listed(`${P}/loadbalancer`, rowsOf('loadbalancers|token|ok'), 'id'),
  ...registries(rowsOf('registries|token|ok')),
  ...listedAsObjects(`${P}/network/private`, networks(rowsOf('private networks|token|ok'))),
  [`${P}/volume`, rowsOf('volumes|token|ok')],
  [`${P}/storage`, rowsOf('swift containers|token|ok')],
  ...listed(`${P}/region`, rowsOf('regions|token|ok'), 'name'),
  ...buckets(rowsOf('s3 containers|token|ok')),
  [`${P}/sshkey`, parse(capturedRun('X yaml').stdout) as Json],
  ...listed('/dedicated/server', rowsOf('baremetal|token|ok'), 'name'),
  ...listed('/vps', rowsOf('vps|token|ok'), 'name'),
  ...listed('/ip', rowsOf('ip|token|ok'), 'ip'),
  ['/v2/iam/resource', rowsOf('iam resource|token|ok')],
  ...listedAsObjects('/v2/okms/resource', rowsOf('X v2 via proxy ovh-eu')),
  ['/me/', JSON.parse(capturedRun('account|token|ok').stdout) as Json],
]);

/** The `big` API: 45 dedicated servers that differ by name only. */
export const bigWorld: World = new Map(
  listed(
    '/dedicated/server',
    Array.from({ length: 45 }, (_, index) => ({ ...rowsOf('baremetal|token|ok')[0], name: `srv${index}` })),
    'name',
  ),
);

function rowsOf(name: string): JsonObject[] {
  return JSON.parse(capturedRun(name).stdout) as JsonObject[];
}

function listed(path: string, rows: readonly JsonObject[], idField: string): [string, Json][] {
  return [[path, rows.map((row) => row[idField] ?? null)], ...details(path, rows, idField)];
}

function listedAsObjects(path: string, rows: JsonObject[]): [string, Json][] {
  return [[path, rows], ...details(path, rows, 'id')];
}

function details(path: string, rows: readonly JsonObject[], idField: string): [string, Json][] {
  return rows.map((row) => [`${path}/${escapeSegment(text(row[idField]))}`, row]);
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Go's url.PathEscape leaves the colon of an IPv6 address as it is. */
function escapeSegment(segment: string): string {
  return encodeURIComponent(segment).replaceAll('%3A', ':');
}

function registries(rows: readonly JsonObject[]): [string, Json][] {
  const path = `${P}/containerRegistry`;
  return [
    [path, rows.map(({ plan: _plan, deploymentMode: _mode, ...own }) => own)],
    ...rows.map((row): [string, Json] => [`${path}/${text(row['id'])}/plan`, row['plan'] ?? null]),
  ];
}

/** The program prints one row for each region of a network. */
function networks(rows: readonly JsonObject[]): JsonObject[] {
  return [...Map.groupBy(rows, (row) => row['id'])].map(([id, ofOne]) => ({
    id: id ?? null,
    name: ofOne[0]?.['name'] ?? null,
    vlanId: ofOne[0]?.['vlanId'] ?? null,
    type: ofOne[0]?.['type'] ?? null,
    regions: ofOne.map(({ openstackId, region, status }) => ({ openstackId, region, status }) as JsonObject),
  }));
}

function buckets(rows: readonly JsonObject[]): [string, Json][] {
  return [...Map.groupBy(rows, (row) => text(row['region']))].map(([region, ofOne]) => [
    `${P}/region/${region}/storage`,
    ofOne,
  ]);
}
