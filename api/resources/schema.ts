import { Type, type Static } from 'typebox';
import { connectionIdPattern } from '../../contracts/ids.ts';
import type { InventoryPartition, InventoryRow } from '../../stores/inventory/port.ts';
import { ProblemSchema } from '../connections/schema.ts';
import { CursorSchema, instant, nullable } from '../http/schema.ts';

const word = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 200, description }));

export const ResourceSchema = Type.Object(
  {
    connection: Type.String({ pattern: connectionIdPattern }),
    kind: Type.String({ description: 'E.g. `instance`.' }),
    project: nullable(Type.String({ description: 'Null for what belongs to the account itself.' })),
    id: Type.String({ description: 'As the cloud has it.' }),
    name: Type.String(),
    region: nullable(Type.String()),
    status: nullable(Type.String({ description: 'In the cloud’s own words.' })),
    url: nullable(Type.String()),
    source: Type.Enum(['cli', 'rest'], { description: 'How it was listed.' }),
    summary: Type.Record(Type.String(), Type.Unknown(), { description: 'What else the list says of it.' }),
  },
  { $id: 'Resource', description: 'Something that was found in a connected account.' },
);
export type Resource = Static<typeof ResourceSchema>;

const resourceFilters = {
  kind: word('Only of this kind.'),
  project: word('Only in this project.'),
  region: word('Only in this region.'),
  status: word('Only with this status, as the cloud spells it.'),
  text: word('Anywhere in id, name or summary; case does not matter.'),
};

export const ResourcePageQuery = Type.Object(
  {
    ...resourceFilters,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(CursorSchema),
  },
  { additionalProperties: false },
);

export const ResourceFiltersQuery = Type.Object(resourceFilters, { additionalProperties: false });

const StaleSchema = Type.Object(
  { since: instant('When trying again first failed.'), problem: ProblemSchema },
  { description: 'Why the rows are older than the last try.' },
);

const PartitionSchema = Type.Object({
  project: nullable(Type.String({ description: 'Null for what belongs to the account itself.' })),
  resources: Type.Integer(),
  generation: Type.Integer({ description: 'Counts complete lists.' }),
  listedAt: nullable(instant('When it was last listed completely; null = never.')),
  source: nullable(Type.Enum(['cli', 'rest'])),
  stale: nullable(StaleSchema),
});

export const InventorySchema = Type.Object(
  {
    resources: Type.Integer(),
    kinds: Type.Array(
      Type.Object({
        kind: Type.String(),
        resources: Type.Integer(),
        listedAt: nullable(instant('As fresh as its oldest list; null = one was never made completely.')),
        stale: Type.Integer({ description: 'How many of its lists are older than the last try.' }),
        partitions: Type.Array(PartitionSchema, { description: 'One for each project.' }),
      }),
    ),
  },
  { $id: 'Inventory', description: 'What is known of an account, and how fresh it is.' },
);
export type InventoryReply = Static<typeof InventorySchema>;

export const resourceReply = (connection: string, { key: _ours, ...row }: InventoryRow): Resource => ({
  connection,
  ...row,
});

/** Partitions by kind. A kind is as fresh as the oldest of its lists. */
export function inventoryReply(partitions: readonly InventoryPartition[]): InventoryReply {
  const kinds = [...Map.groupBy(partitions, ({ kind }) => kind)].map(([kind, all]) => ({
    kind,
    resources: sum(all),
    listedAt: oldest(all.map(({ listedAt }) => listedAt)),
    stale: all.filter(({ stale }) => stale !== null).length,
    partitions: all.map(({ kind: _same, ...partition }) => partition),
  }));
  return { resources: sum(partitions), kinds };
}

const sum = (partitions: readonly InventoryPartition[]): number =>
  partitions.reduce((total, { resources }) => total + resources, 0);

const oldest = (instants: readonly (string | null)[]): string | null =>
  instants.reduce((least, at) => (least === null || at === null ? null : at < least ? at : least));
