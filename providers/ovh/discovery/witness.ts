import type { InventoryRow } from '../../../stores/inventory/port.ts';
import type { Absence, AbsentRows, ListFailure } from '../../listing/lister.ts';
import { ProviderError } from '../../provider.ts';
import { failureOf, isDenied, isNotFound, regionUnavailable } from './errors.ts';
import { kindOf, type OvhKindId } from './kinds.ts';
import { listPath, segment } from './paths.ts';
import { idsIn, storagePath, storageStateOf } from './rest-plans.ts';
import { isRow, type RestApi } from './rest.ts';

/**
 * Asks about rows that a complete list lacks: an answer without a body, a `null` and a region in maintenance look like an
 * empty list to the program. One call for a kind and project, the list of ids; only where that says less than it seems to
 * are single resources asked about.
 */
export async function askAboutAbsent(api: RestApi, { kind, projectId, rows }: AbsentRows): Promise<Absence> {
  const { id } = kindOf(kind);
  return await withRefusals(rows, async () =>
    id === 'object_storage_s3' ? await askForBuckets(api, projectId, rows) : await askForIds(api, id, projectId, rows),
  );
}

type Answer = Pick<Absence, 'refused'> & { readonly gone: string[]; readonly there: string[] };

/** A project that is gone takes its resources with it; a right that is missing says nothing about them. */
async function withRefusals(rows: readonly InventoryRow[], work: () => Promise<Answer>): Promise<Absence> {
  try {
    const { gone, there, refused } = await work();
    return { gone: new Set(gone), there: new Set(there), refused };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    if (isNotFound(error)) return { gone: new Set(keysOf(rows)), there: new Set(), refused: null };
    if (isDenied(error)) return { gone: new Set(), there: new Set(), refused: failureOf(error) };
    throw error;
  }
}

async function askForIds(
  api: RestApi,
  kind: Exclude<OvhKindId, 'object_storage_s3'>,
  projectId: string | null,
  rows: readonly InventoryRow[],
): Promise<Answer> {
  const path = listPath(kind, projectId);
  const elements = await api.list(path);
  const ids = new Set(idsIn(api, path, elements));
  const listed = rows.filter(({ id }) => ids.has(id));
  const absent = rows.filter(({ id }) => !ids.has(id));
  const found = kind === 'private_network' ? placesOf(elements, listed) : { gone: [], there: keysOf(listed) };
  // Lists of the account leave out what the credential may not see.
  const isDoubtful = ids.size === 0 || kindOf(kind).scope === 'account';
  const { gone, there, refused } = isDoubtful
    ? await askForEach(api, absent, ({ id }) => `${path}/${segment(id)}`, ids.size === 0)
    : { gone: keysOf(absent), there: [], refused: null };
  return { gone: [...found.gone, ...gone], there: [...found.there, ...there], refused };
}

/** A network is in several regions, and its list says in which. Where it does not, nothing is known. */
function placesOf(elements: readonly unknown[], rows: readonly InventoryRow[]): { gone: string[]; there: string[] } {
  const places = new Map<string, Set<unknown>>();
  for (const { id, regions } of elements.filter(isRow)) {
    if (Array.isArray(regions)) places.set(String(id), new Set(regions.filter(isRow).map(({ region }) => region)));
  }
  const known = rows.filter(({ id }) => places.has(id));
  const isThere = ({ id, region }: InventoryRow): boolean => places.get(id)?.has(region) === true;
  return { gone: keysOf(known.filter((row) => !isThere(row))), there: keysOf(known.filter(isThere)) };
}

async function askForBuckets(api: RestApi, projectId: string | null, rows: readonly InventoryRow[]): Promise<Answer> {
  const regionsPath = listPath('object_storage_s3', projectId);
  const regions = [...new Set(rows.map(({ region }) => region))].filter((region) => region !== null);
  const answers = await Promise.all(
    regions.map(async (region): Promise<Answer> => {
      const here = rows.filter((row) => row.region === region);
      return await askInRegion(api, regionsPath, region, here);
    }),
  );
  return {
    gone: answers.flatMap(({ gone }) => gone),
    there: answers.flatMap(({ there }) => there),
    refused: answers.find(({ refused }) => refused !== null)?.refused ?? null,
  };
}

async function askInRegion(
  api: RestApi,
  regionsPath: string,
  region: string,
  rows: readonly InventoryRow[],
): Promise<Answer> {
  const path = storagePath(regionsPath, region);
  const answer = await withRefusals(rows, async () => {
    const state = storageStateOf(await api.get(`${regionsPath}/${segment(region)}`));
    if (state !== 'UP' && state !== 'none') {
      return { gone: [], there: [], refused: regionUnavailable(path, region, state) };
    }
    const names = new Set((await api.list(path)).filter(isRow).map(({ name }) => name));
    const absent = rows.filter(({ id }) => !names.has(id));
    const there = keysOf(rows.filter(({ id }) => names.has(id)));
    if (names.size > 0) return { gone: keysOf(absent), there, refused: null };
    return await askForEach(api, absent, ({ id }) => `${path}/${segment(id)}`, true);
  });
  return { ...answer, gone: [...answer.gone], there: [...answer.there] };
}

/**
 * Asks for single resources. With `believesFirst` the first one stands for all, if the cloud does not know it: an empty
 * list is then as true as it looks.
 */
async function askForEach(
  api: RestApi,
  rows: readonly InventoryRow[],
  pathOf: (row: InventoryRow) => string,
  believesFirst: boolean,
): Promise<Answer> {
  const [first, ...others] = rows;
  if (!first) return { gone: [], there: [], refused: null };
  const one = await askForOne(api, pathOf(first));
  if (believesFirst && one === 'gone') return { gone: keysOf(rows), there: [], refused: null };
  const rest = await Promise.all(others.map(async (row) => await askForOne(api, pathOf(row))));
  const answers = [one, ...rest];
  const withAnswer = (answer: 'gone' | 'there'): string[] => keysOf(rows.filter((_row, at) => answers[at] === answer));
  const refused = answers.find((answer): answer is ListFailure => typeof answer === 'object') ?? null;
  return { gone: withAnswer('gone'), there: withAnswer('there'), refused };
}

async function askForOne(api: RestApi, path: string): Promise<'gone' | 'there' | ListFailure> {
  try {
    await api.get(path);
    return 'there';
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    if (isNotFound(error)) return 'gone';
    if (isDenied(error)) return failureOf(error);
    throw error;
  }
}

const keysOf = (rows: readonly InventoryRow[]): string[] => rows.map(({ key }) => key);
