import { decoded, type Client } from './client.ts';
import { because, doing, goText, isRow, log, quoted, reasonOf, type Row, type Value } from './go.ts';
import { send } from './transport.ts';

const PARALLEL = 10;

/** A segment as Go's url.PathEscape has it. */
export const escaped = (segment: string): string =>
  encodeURIComponent(segment)
    .replace(/%(?:24|26|2B|3A|3D|40)/g, (found) => decodeURIComponent(found))
    .replace(/[!'()*]/g, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`);

/** All pages of a list. The identifiers are the elements, or one field of them. */
export async function fetchArray(client: Client, path: string, idField?: string): Promise<Value[]> {
  const call = await doing('error crafting request', client.prepare(path));
  const all: Value[] = [];
  for (let cursor = ''; ;) {
    const headers = cursor === '' ? call.headers : { ...call.headers, 'X-Pagination-Cursor': cursor };
    const answer = await doing(`error fetching ${path}`, send({ ...call, headers }));
    all.push(...page(answer, idField));
    cursor = String(answer.headers['x-pagination-cursor-next'] ?? '');
    if (cursor === '') return all;
  }
}

function page(answer: Parameters<typeof decoded>[0], idField: string | undefined): Value[] {
  let elements: Value;
  try {
    elements = decoded(answer);
  } catch (error) {
    throw because('failed to parse ids', error);
  }
  if (elements === null) return [];
  if (!Array.isArray(elements)) {
    throw new Error('failed to parse ids: json: cannot unmarshal object into Go value of type []interface {}');
  }
  if (idField === undefined) return elements;
  return elements.map((element) => {
    if (isRow(element)) return element[idField] ?? null;
    throw new Error(`failed to extract ID from object, value ${quoted(goText(element))} is not an object`);
  });
}

/** What Go decodes an answer into: another shape is an error, and `null` is always taken. */
type Shape = 'map[string]interface {}' | '[]map[string]interface {}';

function ofShape(value: Value, shape: Shape): Value {
  if (value === null || (shape.startsWith('[]') ? Array.isArray(value) : isRow(value))) return value;
  const found = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  throw new Error(`json: cannot unmarshal ${found} into Go value of type ${shape}`);
}

/** What is behind identifiers, ten at a time, in the order of the identifiers; null where an error was ignored. */
export async function fetchObjects(
  client: Client,
  pathOf: (id: string) => string,
  ids: readonly Value[],
  { ignoreErrors, shape }: { readonly ignoreErrors: boolean; readonly shape: Shape },
): Promise<Value[]> {
  const objects: Value[] = ids.map(() => null);
  let next = 0;
  let failed: Error | undefined;
  const worker = async (): Promise<void> => {
    while (next < ids.length && failed === undefined) {
      const index = next++;
      const id = goText(ids[index] ?? null);
      try {
        objects[index] = ofShape(await client.get(pathOf(escaped(id))), shape);
      } catch (error) {
        if (ignoreErrors) log(`error fetching ${pathOf(escaped(id))}: ${reasonOf(error)}`);
        else failed ??= because(`failed to fetch object ${quoted(id)}`, error);
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  if (failed === undefined) return objects;
  if (next < ids.length) log('failed to acquire semaphore: context canceled');
  throw failed;
}

export async function fetchExpanded(
  client: Client,
  path: string,
  idField: string | undefined,
  ignoreErrors: boolean,
): Promise<Row[]> {
  const ids = await doing('failed to fetch ids', fetchArray(client, path, idField));
  const objects = await doing(
    'failed to fetch objects',
    fetchObjects(client, (id) => `${path}/${id}`, ids, { ignoreErrors, shape: 'map[string]interface {}' }),
  );
  return objects.filter(isRow);
}
