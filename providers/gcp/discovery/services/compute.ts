import type { Static, TSchema } from 'typebox';

import type { Loss } from '../../../listing/lister.ts';
import { unreachable, type Asked } from '../failures.ts';
import type { AssetType } from '../kinds.ts';
import { aggregatedPage, diskRow, forwardingRuleRow, instanceRow, itemsPage, networkRow } from '../replies.ts';
import type { RowFacts } from '../rows.ts';
import {
  lastSegment,
  projectPath,
  readFacts,
  readList,
  together,
  type Found,
  type ServiceCall,
  type ServiceList,
} from './service.ts';

const service = {
  url: 'compute',
  service: 'Compute Engine',
  api: 'compute.googleapis.com',
  grant: 'Compute Viewer (roles/compute.viewer)',
  isEmptyWhereDisabled: true,
};

/** The most that a page may have. */
const parameters = { maxResults: '500' };

export const computeLists: readonly ServiceList[] = [
  {
    ...service,
    kind: 'instance',
    assetTypes: ['compute.googleapis.com/Instance'],
    read: async (call) =>
      await aggregated(call, 'instances', instanceRow, (row, scope) => ({
        ...factsOf(call, row, scope, 'instances', 'compute.googleapis.com/Instance'),
        summary: { machineType: row.machineType && lastSegment(row.machineType) },
      })),
  },
  {
    ...service,
    kind: 'volume',
    assetTypes: ['compute.googleapis.com/Disk', 'compute.googleapis.com/RegionDisk'],
    read: async (call) =>
      await aggregated(call, 'disks', diskRow, (row, scope) => {
        const type = scope.startsWith('regions/') ? 'compute.googleapis.com/RegionDisk' : 'compute.googleapis.com/Disk';
        return {
          ...factsOf(call, row, scope, 'disks', type),
          summary: { sizeGb: Number(row.sizeGb) || null, type: row.type && lastSegment(row.type) },
        };
      }),
  },
  {
    ...service,
    kind: 'load_balancer',
    assetTypes: ['compute.googleapis.com/ForwardingRule', 'compute.googleapis.com/GlobalForwardingRule'],
    // The aggregated list may have the global rules too; a rule is one row all the same.
    read: async (call) =>
      together(
        await Promise.all([
          aggregated(call, 'forwardingRules', forwardingRuleRow, (row, scope) => ruleFacts(call, row, scope)),
          globalList(call, 'forwardingRules', forwardingRuleRow, (row) => ruleFacts(call, row, 'global')),
        ]),
      ),
  },
  {
    ...service,
    kind: 'private_network',
    assetTypes: ['compute.googleapis.com/Network'],
    read: async (call) =>
      await globalList(call, 'networks', networkRow, (row) => ({
        ...factsOf(call, row, 'global', 'networks', 'compute.googleapis.com/Network'),
        summary: { autoCreateSubnetworks: row.autoCreateSubnetworks, mtu: row.mtu },
      })),
  },
];

function ruleFacts(call: ServiceCall, row: Static<typeof forwardingRuleRow>, scope: string): RowFacts {
  const type =
    scope === 'global' ? 'compute.googleapis.com/GlobalForwardingRule' : 'compute.googleapis.com/ForwardingRule';
  const { IPAddress: address, IPProtocol: protocol, loadBalancingScheme: scheme } = row;
  return { ...factsOf(call, row, scope, 'forwardingRules', type), summary: { address, protocol, scheme } };
}

interface ComputeRow {
  readonly name: string;
  readonly creationTimestamp?: string | null;
  readonly labels?: Readonly<Record<string, unknown>> | null;
  readonly status?: string | null;
}

/** `scope` is `zones/…`, `regions/…` or `global`. */
function factsOf(call: ServiceCall, row: ComputeRow, scope: string, collection: string, type: AssetType): RowFacts {
  return {
    name: `compute.googleapis.com/projects/${call.project}/${scope}/${collection}/${row.name}`,
    assetType: type,
    location: lastSegment(scope),
    labels: row.labels,
    createdAt: row.creationTimestamp,
    status: row.status,
  };
}

/** The list of a collection over all zones and regions. Each of those says by itself whether it could be read. */
const aggregated = async <S extends TSchema>(
  call: ServiceCall,
  collection: string,
  schema: S,
  read: (row: Static<S>, scope: string) => RowFacts,
): Promise<Found> =>
  await readList(call, {
    path: `/compute/v1/${projectPath(call)}/aggregated/${collection}`,
    parameters,
    schema: aggregatedPage,
    read: (page) => {
      const scopes = Object.entries(page.items ?? {}).map(([scope, of]) => {
        const rows = (of as Readonly<Record<string, unknown>>)[collection];
        const { facts, losses } = readFacts(Array.isArray(rows) ? rows : [], schema, call.asked, (row) =>
          read(row, scope),
        );
        return { facts, losses: [...losses, ...warned(scope, of.warning, call.asked)] };
      });
      return together([...scopes, { facts: [], losses: lossesOf(collection, page, call.asked) }]);
    },
  });

const globalList = async <S extends TSchema>(
  call: ServiceCall,
  collection: string,
  schema: S,
  read: (row: Static<S>) => RowFacts,
): Promise<Found> =>
  await readList(call, {
    path: `/compute/v1/${projectPath(call)}/global/${collection}`,
    parameters,
    schema: itemsPage,
    read: (page) => {
      const { facts, losses } = readFacts(page.items ?? [], schema, call.asked, read);
      return { facts, losses: [...losses, ...lossesOf(collection, page, call.asked)] };
    },
  });

type Warning = { readonly code?: string | null; readonly message?: string | null } | undefined;

const lossesOf = (
  collection: string,
  page: { readonly warning?: Warning; readonly unreachables?: readonly string[] },
  asked: Asked,
): Loss[] => [
  ...warned(collection, page.warning, asked),
  ...(page.unreachables ?? []).map((place) => unreachable(lastSegment(place), asked)),
];

/** These say nothing about what is in the list. Every empty zone carries the first one. */
const harmless: readonly string[] = ['NO_RESULTS_ON_PAGE', 'DEPRECATED_RESOURCE_USED', 'DEPRECATED_TYPE_USED'];

const warned = (path: string, warning: Warning, asked: Asked): Loss[] =>
  warning === undefined || harmless.includes(warning.code ?? '') ? [] : [unreachable(path, asked)];
