import { Type, type Static, type TObject, type TProperties } from 'typebox';
import { Value } from 'typebox/value';

import type { Json } from '../../../platform/json.ts';
import { maybe } from '../../../platform/schema.ts';
import type { InventoryRow } from '../../../stores/inventory/port.ts';
import type { Loss } from '../../listing/lister.ts';
import type { Listed, Place } from './place.ts';
import type { Service } from './endpoints.ts';
import { allPages, failed, pathOf, type AskPage } from './pages.ts';
import { rowUnreadable } from './problems.ts';
import type { Tags } from './tags.ts';

export const SOURCE = 'api';

/** Only what is read is checked: fields that AWS adds or drops must not hide a resource. */
export const row = <P extends TProperties>(properties: P) => Type.Object(properties);
export const id = Type.String({ minLength: 1 });
export const text = maybe(Type.String());
export const number = maybe(Type.Number());
export const flag = maybe(Type.Boolean());
/** The SDK makes a `Date` of it. */
export const moment = Type.Optional(Type.Unknown());
export const tagList = Type.Optional(Type.Unknown());

/** What one row says. Rows are made of these alone: replies hold user data and environment variables in clear. */
export interface Facts {
  readonly arn: string;
  readonly nativeType: string;
  readonly name: string | null | undefined;
  readonly region?: string | null;
  readonly zone?: string | null | undefined;
  readonly status?: string | null | undefined;
  readonly createdAt?: unknown;
  readonly tags: Tags;
  readonly url?: string | null | undefined;
  /** Which page of the console a partition has it on that knows no links by ARN. */
  readonly page: string;
  readonly summary: Readonly<Record<string, Json | null | undefined>>;
}

export interface Reading<S extends TObject> {
  readonly kind: string;
  readonly action: string;
  readonly schema: S;
  /** Undefined = the row is no resource any more. */
  readonly facts: (row: Static<S>) => Facts | undefined;
}

/** Rows for the inventory, from whatever lists them. One that cannot be read is a loss; the others are kept. */
export interface Reader {
  readonly take: (given: readonly unknown[]) => void;
  readonly listed: (losses: readonly Loss[]) => Listed;
}

export function createReader<S extends TObject>(place: Place, { kind, action, schema, facts }: Reading<S>): Reader {
  // A list that changes while its pages are read may have a row twice.
  const rows = new Map<string, InventoryRow>();
  const unread: Loss[] = [];
  let count = 0;
  return {
    take: (given) => {
      for (const each of given) {
        count += 1;
        if (Value.Check(schema, each)) {
          const read = facts(each);
          if (read) rows.set(read.arn, rowOf(place, kind, read));
          continue;
        }
        const { failure } = failed(rowUnreadable({ action, region: place.calls.region }, count));
        unread.push({ path: `${pathOf(place.calls, action)}[${count - 1}]`, ...failure, class: 'config' });
      }
    },
    listed: (losses) => ({ rows: [...rows.values()], losses: [...losses, ...unread] }),
  };
}

/** A list that is read page by page, so that only rows stay in memory. */
export async function listPages<S extends TObject>(
  place: Place,
  service: Service,
  reading: Reading<S>,
  ask: AskPage,
): Promise<Listed> {
  const reader = createReader(place, reading);
  const losses = await allPages(place.calls, { service, action: reading.action }, ask, reader.take);
  return reader.listed(losses);
}

function rowOf(place: Place, kind: string, facts: Facts): InventoryRow {
  const { arn, nativeType, name, zone, status, createdAt, tags, url, page, summary } = facts;
  const region = facts.region === undefined ? place.calls.region : facts.region;
  const known = Object.entries(summary).filter(
    (entry): entry is [string, Json] => entry[1] !== undefined && entry[1] !== null,
  );
  return {
    key: arn,
    kind,
    project: place.calls.region,
    id: arn,
    name: name || arn,
    region,
    zone: zone ?? null,
    status: status?.toLowerCase() || null,
    createdAt: createdAt instanceof Date && !Number.isNaN(createdAt.getTime()) ? createdAt.toISOString() : null,
    tags,
    nativeType,
    url: url ?? null,
    consoleUrl: consoleUrlOf(place, arn, page, region),
    source: SOURCE,
    summary: Object.fromEntries(known),
  };
}

/** Of a list that is made for the account as a whole. */
export const atAccount = ({ rows, losses }: Listed): Listed => ({
  rows: rows.map((each) => ({ ...each, project: null })),
  losses,
});

/** AWS's console finds anything by its ARN; those of China and GovCloud only have a page for each service. */
function consoleUrlOf({ partition }: Place, arn: string, page: string, region: string | null): string | null {
  const console = partition.urls['console'];
  if (!console) return null;
  if (partition.manifest.id === 'aws') return `${console}/go/view?arn=${encodeURIComponent(arn)}`;
  return `${console}/${page}/home${region === null ? '' : `?region=${region}`}`;
}
