import { Type, type Static } from 'typebox';
import type { ResourceKind } from '../../providers/manifests/types.ts';
import type { InventoryPartition } from '../../stores/inventory/port.ts';
import { ProblemSchema } from '../connections/schema.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { tenantOf } from '../http/principal.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { ConnectionParams, described, instant, nullable } from '../http/schema.ts';
import { cannotList, listedByManifest } from './manifest.ts';
import { missingRights } from './missing-rights.ts';

const MissingSchema = Type.Object({
  action: nullable(Type.String({ description: 'The right that the cloud named; null = it named none.' })),
  since: instant(),
  lists: Type.Integer({ description: 'How many lists lack it: one for each project.' }),
  projects: Type.Array(Type.String(), { description: 'Where, the first 50.' }),
});

const KindSchema = Type.Object({
  kind: Type.String(),
  label: Type.String(),
  scope: Type.Enum(['account', 'project']),
  state: Type.Enum(['listed', 'denied', 'failed', 'not_listed_yet', 'cannot'], {
    description:
      '`denied`: a right is missing, at least somewhere. `failed`: the last list failed for another reason. `cannot`: credentials of this method never can; `why` says why.',
  }),
  why: nullable(Type.String()),
  needs: Type.Array(Type.String(), { description: 'The rights that listing it needs, in the cloud’s own words.' }),
  grant: Type.String({ description: 'What to add at the cloud where a right is missing.' }),
  missing: Type.Array(MissingSchema),
  problem: nullable(ProblemSchema, 'Of the list that is stale for the longest time.'),
  lists: Type.Object({
    all: Type.Integer({ description: 'One for each project that is known.' }),
    listed: Type.Integer({ description: 'Listed completely by the last try.' }),
    denied: Type.Integer(),
    failed: Type.Integer({ description: 'Older than the last try for another reason than a missing right.' }),
  }),
});

export const PermissionsSchema = Type.Object(
  {
    provider: Type.String(),
    method: Type.String(),
    kinds: Type.Array(KindSchema, { description: 'Every kind of resource that is listed of this cloud.' }),
  },
  { $id: 'Permissions', description: 'Which kinds of resources the credential may list, and what it lacks.' },
);
type KindPermissions = Static<typeof KindSchema>;

export function registerPermissions(app: App, { connections, inventory, providers }: AppDependencies): void {
  app.get(
    '/v1/connections/:id/permissions',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'getPermissions',
        summary: 'What the credential may list, and which rights it lacks',
        description:
          'As of the last lists: each kind of resource with the rights that it needs, the right that the cloud named as missing, and what to add. POST …/discover looks again.',
        tags: ['resources'],
        params: ConnectionParams,
        response: { 200: described(PermissionsSchema), ...problemReplies(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request) => {
      const connection = await connections.ref(tenantOf(request), request.params.id);
      const listed = listedByManifest(providers, connection);
      const partitions = await inventory.partitions(connection.id);
      const kinds = (listed.discovery?.kinds ?? []).map((kind) =>
        permissionsOf(
          kind,
          partitions.filter((partition) => partition.kind === kind.id),
          cannotList(listed, kind.id),
        ),
      );
      return { provider: connection.provider, method: connection.method, kinds };
    },
  );
}

function permissionsOf(
  { id, label, scope, needs, grant }: ResourceKind,
  partitions: readonly InventoryPartition[],
  why: string | undefined,
): KindPermissions {
  const denied = partitions.filter((partition) => partition.denied !== null);
  const failed = partitions.filter((partition) => partition.denied === null && partition.stale !== null);
  const listed = partitions.filter(({ listedAt, stale }) => listedAt !== null && stale === null);
  return {
    kind: id,
    label,
    scope,
    state: stateOf(why, { denied: denied.length, failed: failed.length, listed: listed.length }),
    why: why ?? null,
    needs: [...needs],
    grant,
    missing: missingRights(partitions).map(({ projects, ...right }) => ({ ...right, projects: [...projects] })),
    problem: oldestProblem([...denied, ...failed]),
    lists: { all: partitions.length, listed: listed.length, denied: denied.length, failed: failed.length },
  };
}

function stateOf(
  why: string | undefined,
  counts: { readonly denied: number; readonly failed: number; readonly listed: number },
): KindPermissions['state'] {
  if (why !== undefined) return 'cannot';
  if (counts.denied > 0) return 'denied';
  if (counts.failed > 0) return 'failed';
  return counts.listed > 0 ? 'listed' : 'not_listed_yet';
}

function oldestProblem(partitions: readonly InventoryPartition[]): KindPermissions['problem'] {
  const stale = partitions.flatMap((partition) => partition.stale ?? []);
  const [oldest] = stale.toSorted((one, other) => (one.since < other.since ? -1 : 1));
  return oldest?.problem ?? null;
}
