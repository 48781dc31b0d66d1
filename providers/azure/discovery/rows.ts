import { Value } from 'typebox/value';

import type { Json } from '../../../platform/json.ts';
import type { InventoryRow } from '../../../stores/inventory/port.ts';
import type { Loss } from '../../listing/lister.ts';
import { azureTypes } from '../manifest/resource-types.ts';
import type { Arm } from './arm.ts';
import { noticed } from './errors.ts';
import { consoleUrl } from './console-url.ts';
import { rowUnreadable } from './problems.ts';
import { ResourceSchema, type Resource } from './schema.ts';

const byName = new Map(azureTypes.map((type) => [type.name.toLowerCase(), type]));

export interface ReadRows {
  readonly rows: readonly InventoryRow[];
  /** Of one kind; null = of a row whose kind cannot be read either. */
  readonly losses: readonly { readonly kind: string | null; readonly loss: Loss }[];
}

/** Rows as they came, for the inventory. One that cannot be read is a loss; the others are kept. */
export function readRows(
  arm: Arm,
  listed: Pick<InventoryRow, 'project' | 'source'>,
  given: readonly unknown[],
): ReadRows {
  // Ids differ in case between two answers; the same resource has the same key. A list may hold one twice while it changes.
  const rows = new Map<string, InventoryRow>();
  const losses: { kind: string | null; loss: Loss }[] = [];
  for (const [index, row] of given.entries()) {
    const kind = kindOf(row);
    if (kind === undefined || !Value.Check(ResourceSchema, row)) {
      losses.push({ kind: kind ?? null, loss: noticed(`row ${index + 1}`, 'config', rowUnreadable(index + 1)) });
    } else {
      const read = rowOf(arm, { ...listed, kind }, row);
      rows.set(read.key, read);
    }
  }
  return { rows: [...rows.values()], losses };
}

function kindOf(row: unknown): string | undefined {
  if (typeof row !== 'object' || row === null) return undefined;
  const { type, kind } = row as { type?: unknown; kind?: unknown };
  const found = typeof type === 'string' ? byName.get(type.toLowerCase()) : undefined;
  const { otherwise } = found ?? {};
  return otherwise && typeof kind === 'string' && kind.toLowerCase().includes(otherwise.word)
    ? otherwise.kind
    : found?.kind;
}

function rowOf(
  arm: Arm,
  listed: Pick<InventoryRow, 'kind' | 'project' | 'source'>,
  { id, name, type, kind, location, zones, resourceGroup, tags, ...facts }: Resource,
): InventoryRow {
  const { sku, power, state, created, size, sizeGb, version, host } = facts;
  const summary: Record<string, Json | null | undefined> = {
    resourceGroup,
    sku,
    size,
    sizeGb,
    version,
    // Of app services: `app,linux`, `functionapp`, …
    ...(type.toLowerCase() === 'microsoft.web/sites' && { kind }),
  };
  return {
    ...listed,
    key: id.toLowerCase(),
    id,
    name,
    region: location || null,
    zone: zones?.toSorted().join(', ') || null,
    status: (power || state || '').replace(/^PowerState\//i, '').toLowerCase() || null,
    createdAt: isoTime(created),
    tags: tags ?? {},
    nativeType: type.toLowerCase(),
    url: host ? (host.includes('://') ? host : `https://${host}`) : null,
    consoleUrl: consoleUrl(arm, id),
    summary: Object.fromEntries(
      Object.entries(summary).filter((entry): entry is [string, Json] => entry[1] != null && entry[1] !== ''),
    ),
  };
}

function isoTime(created: string | null | undefined): string | null {
  const at = created ? Date.parse(created) : NaN;
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}
