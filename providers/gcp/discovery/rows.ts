import type { JsonObject } from '../../../platform/json.ts';
import type { InventoryRow } from '../../../stores/inventory/port.ts';
import { consolePage } from './console.ts';

/** What one row says, whichever way it was listed. */
export interface RowFacts {
  /** The full resource name, without `//`: `compute.googleapis.com/projects/p/zones/z/instances/i`. */
  readonly name: string;
  readonly assetType: string;
  readonly displayName?: string | null | undefined;
  /** A region, a zone, `global`, or one of the places of buckets: `eu`, `nam4`. */
  readonly location?: string | null | undefined;
  readonly labels?: Readonly<Record<string, unknown>> | null | undefined;
  readonly createdAt?: string | null | undefined;
  readonly status?: string | null | undefined;
  readonly url?: string | null | undefined;
  readonly summary?: Readonly<Record<string, string | number | boolean | null | undefined>>;
}

/** What all rows of one list have in common. */
export interface Listed {
  readonly project: string;
  readonly source: 'asset' | 'services';
  /** The Google Cloud console. */
  readonly console: string;
}

const LONGEST_NAME = 128;
const LONGEST_VALUE = 256;

/** Only named facts get in: rows of Google's hold start scripts, environment variables, passwords. */
export function rowOf(kind: string, facts: RowFacts, { project, source, console }: Listed): InventoryRow {
  const id = facts.name;
  const lastSegment = id.slice(id.lastIndexOf('/') + 1);
  const place = placeOf(facts.location);
  return {
    key: id,
    kind,
    project: kind === 'project' ? null : project,
    id,
    name: (facts.displayName || lastSegment).slice(0, LONGEST_NAME),
    ...place,
    status: facts.status?.toLowerCase() || null,
    createdAt: momentOf(facts.createdAt),
    tags: textsIn(facts.labels),
    nativeType: facts.assetType,
    url: facts.url?.startsWith('https://') ? facts.url : null,
    consoleUrl: `${console}${consolePage(facts.assetType, id, project)}`,
    source,
    summary: summaryOf(facts.summary ?? {}),
  };
}

/** Cloud Asset names a zone where there is one, and storage writes its places in capital letters. */
function placeOf(location: string | null | undefined): Pick<InventoryRow, 'region' | 'zone'> {
  // Spanner's places are configurations: `regional-us-central1`.
  const place = location?.toLowerCase().replace(/^regional-/, '') || null;
  const region = place && /^([a-z]+-[a-z]+\d+)-[a-z]$/.exec(place)?.[1];
  return region ? { region, zone: place } : { region: place, zone: null };
}

/** Whole seconds: Cloud Asset has no more, and a row must be the same whichever way it was listed. */
function momentOf(text: string | null | undefined): string | null {
  const milliseconds = Date.parse(text ?? '');
  return Number.isNaN(milliseconds) ? null : new Date(Math.floor(milliseconds / 1000) * 1000).toISOString();
}

const textsIn = (labels: RowFacts['labels']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(labels ?? {}).filter((label): label is [string, string] => typeof label[1] === 'string'),
  );

function summaryOf(summary: NonNullable<RowFacts['summary']>): JsonObject {
  const known = Object.entries(summary).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return Object.fromEntries(
    known.map(([name, value]) => [name, typeof value === 'string' ? value.slice(0, LONGEST_VALUE) : (value ?? null)]),
  );
}

/**
 * One resource has one name, though Google gives it in several: with the project's number or its id, and for zonal
 * clusters with `zones` or with `locations`.
 */
export function canonicalName(name: string, project: string, projectNumber: string | null): string {
  const bare = name.replace(/^\/\//, '');
  const named = projectNumber === null ? bare : bare.replace(`/projects/${projectNumber}/`, `/projects/${project}/`);
  return named.startsWith('container.googleapis.com/') ? named.replace('/zones/', '/locations/') : named;
}
