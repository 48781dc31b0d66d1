import { Type, type Static } from 'typebox';
import { connectionIdPattern } from '../../contracts/ids.ts';
import type { InventoryRow, KeptRow } from '../../stores/inventory/port.ts';
import { ProblemSchema } from '../connections/schema.ts';
import { CursorSchema, IdSchema, instant, nullable } from '../http/schema.ts';

const word = (description: string, maxLength = 200) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, description }));

export const StaleSchema = Type.Object(
  { since: instant('When trying again first failed.'), problem: ProblemSchema },
  { description: 'Why the rows are older than the last try.' },
);
export type Stale = Static<typeof StaleSchema>;

export const ResourceSchema = Type.Object(
  {
    connection: Type.String({ pattern: connectionIdPattern }),
    provider: Type.String({ description: 'The cloud, as GET /v1/providers has it.' }),
    kind: Type.String({ description: 'One word for all clouds, e.g. `instance`; GET /v1/providers lists them.' }),
    project: nullable(
      Type.String({
        description:
          'Where it was listed: a project, a subscription, or a region, whichever the cloud has. Null for what belongs to the account itself.',
      }),
    ),
    id: Type.String({ description: 'As the cloud has it: an ARN, a resource id, a UUID.' }),
    name: Type.String(),
    region: nullable(Type.String()),
    zone: nullable(Type.String()),
    status: nullable(Type.String({ description: 'In the cloud’s own words; null where its list says none.' })),
    createdAt: nullable(instant('When it was made, where the cloud says so; never when it was started.')),
    tags: Type.Record(Type.String(), Type.String(), { description: 'Its tags or labels, at most 50.' }),
    nativeType: Type.String({ description: 'The cloud’s own name of the kind.' }),
    url: nullable(Type.String({ description: 'Where the resource answers.' })),
    consoleUrl: nullable(Type.String({ description: 'Its page in the cloud’s console.' })),
    source: Type.String({ description: 'How it was listed; GET /v1/providers explains the word.' }),
    summary: Type.Record(Type.String(), Type.Unknown(), { description: 'A few more facts.' }),
    missingSince: nullable(instant('Set while the cloud’s lists lack it and it is not proven to be gone: since when.')),
    stale: nullable(StaleSchema),
  },
  { $id: 'Resource', description: 'Something that was found in a connected account.' },
);
export type Resource = Static<typeof ResourceSchema>;

const filters = {
  kind: word('Only of this kind.'),
  project: word('Only in this project.'),
  region: word('Only in this region.'),
  status: word('Only with this status, as the cloud spells it.'),
  tag: word('Only with this tag: its name, or `name=value`.', 500),
  text: word('Anywhere in id, name, tags or summary; case does not matter.'),
};

const acrossFilters = { ...filters, provider: Type.Optional(IdSchema) };

const paging = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
  cursor: Type.Optional(CursorSchema),
};

const closed = { additionalProperties: false };

export const ResourcePageQuery = Type.Object({ ...filters, ...paging }, closed);
export const ResourceFiltersQuery = Type.Object(filters, closed);
/** Across connections. */
export const AcrossPageQuery = Type.Object({ ...acrossFilters, ...paging }, closed);
export const AcrossFiltersQuery = Type.Object(acrossFilters, closed);

const PartitionSchema = Type.Object({
  project: nullable(Type.String({ description: 'Null for what belongs to the account itself.' })),
  resources: Type.Integer(),
  generation: Type.Integer({ description: 'Counts complete lists.' }),
  listedAt: nullable(instant('When it was last listed completely; null = never.')),
  source: nullable(Type.String({ description: 'How it was last listed; GET /v1/providers explains the word.' })),
  stale: nullable(StaleSchema),
  denied: nullable(
    Type.Object(
      {
        since: instant(),
        action: nullable(Type.String({ description: 'The right that the cloud named; null = it named none.' })),
      },
      { description: 'Set while the credential lacks the right to make this list.' },
    ),
  ),
});

export const InventorySchema = Type.Object(
  {
    resources: Type.Integer(),
    denied: Type.Integer({ description: 'How many lists the credential has no right to make; see …/permissions.' }),
    kinds: Type.Array(
      Type.Object({
        kind: Type.String(),
        label: Type.String({ description: 'As people call them.' }),
        resources: Type.Integer(),
        listedAt: nullable(instant('As fresh as its oldest list; null = one was never made completely.')),
        stale: Type.Integer({ description: 'How many of its lists are older than the last try.' }),
        denied: Type.Integer({ description: 'How many of its lists the credential has no right to make.' }),
        missing: Type.Array(Type.String(), { description: 'The rights that the cloud named as missing.' }),
        partitions: Type.Array(PartitionSchema, { description: 'One for each project.' }),
      }),
    ),
  },
  { $id: 'Inventory', description: 'What is known of an account, and how fresh it is.' },
);
export type InventoryReply = Static<typeof InventorySchema>;

/** A row as the API shows it: by name, so that nothing else of it gets out. */
export function resourceReply(
  { id: connection, provider }: { readonly id: string; readonly provider: string },
  row: InventoryRow & Partial<Pick<KeptRow, 'missingSince'>>,
  stale: Stale | null,
): Resource {
  const { kind, project, id, name, region, zone, status, createdAt, tags, nativeType, url, consoleUrl, source } = row;
  return {
    connection,
    provider,
    kind,
    project,
    id,
    name,
    region,
    zone,
    status,
    createdAt,
    tags: { ...tags },
    nativeType,
    url,
    consoleUrl,
    source,
    summary: row.summary,
    missingSince: row.missingSince ?? null,
    stale,
  };
}
