import { setImmediate as afterOthers } from 'node:timers/promises';
import { MOST_ITEMS } from '../../contracts/batches.ts';
import { plainText } from '../../contracts/plain-text.ts';
import { itemsInFull } from '../../providers/manifests/batch.ts';
import type { FormMethodManifest } from '../../providers/manifests/types.ts';
import type { StoredItem, Values } from '../../stores/batches/parts.ts';
import type { MethodOption } from '../connections/provider-catalog.ts';
import { ApiProblem, apiProblems } from '../http/problem.ts';
import { checkValues } from '../sign-in/submission/check-values.ts';
import type { ItemsRequest } from './schema.ts';

export interface CheckedItems {
  /** Values that all items share. */
  readonly common: Values;
  readonly items: readonly StoredItem[];
}

/** A page of sentences is enough to see what is wrong. */
const MOST_MISTAKES = 32;
/** Checking 5,000 items takes a while: other requests are served between so many. */
const IN_ONE_GO = 100;
const LONGEST_LABEL = 256;

/** Checks each item as a submission is. Throws `ApiProblem` that lists what is wrong; then nothing was stored. */
export async function checkItems(
  { method, region }: { readonly method: FormMethodManifest; readonly region: string },
  request: ItemsRequest,
): Promise<CheckedItems> {
  const { variant, common = {} } = request;
  const mistakes: string[] = [];
  const items: StoredItem[] = [];
  const shared: Record<string, string> = {};
  const seen = new Map<string, number>();
  for (const [index, { name = null, fields }] of givenItems(method, region, request).entries()) {
    if (index % IN_ONE_GO === 0) await afterOthers();
    const checked = checkValues(method, { variant, fields: { ...common, ...fields } });
    if (!checked.valid) {
      mistakes.push(...checked.mistakes.map(({ field, sentence, hint }) => sentenceOf(index, field, sentence, hint)));
    } else {
      const entries = Object.entries(checked.fields);
      const isShared = ([field]: readonly [string, string]): boolean => field in common && !(field in fields);
      const own = Object.fromEntries(entries.filter((entry) => !isShared(entry)));
      Object.assign(shared, Object.fromEntries(entries.filter(isShared)));
      const first = seen.get(JSON.stringify(own));
      if (first === undefined) seen.set(JSON.stringify(own), index);
      else mistakes.push(`items[${index}]: the same as items[${first}].`);
      items.push({ name, label: labelOf(method, index, name, checked.fields), fields: own });
    }
    if (mistakes.length >= MOST_MISTAKES) break;
  }
  if (mistakes.length > 0) throw apiProblems.invalidRequest(mistakes.slice(0, MOST_MISTAKES));
  return { common: shared, items };
}

const sentenceOf = (index: number, field: string, sentence: string, hint?: string): string =>
  [`items[${index}].fields.${field}:`, sentence, hint].filter((part) => part !== undefined).join(' ');

function givenItems(
  method: FormMethodManifest,
  region: string,
  { items, from }: ItemsRequest,
): NonNullable<ItemsRequest['items']> {
  if ((items === undefined) === (from === undefined)) {
    throw apiProblems.invalidRequest(['Give either "items" or "from".']);
  }
  if (items) return items;
  const short = method.batch?.short;
  if (!short) throw apiProblems.invalidRequest(['"from" is not possible with this method; give "items".']);
  const full = itemsInFull(short, region, from ?? {});
  if (!full.valid) throw apiProblems.invalidRequest(full.mistakes.slice(0, MOST_MISTAKES));
  return full.items.map((fields) => ({ fields: { ...fields } }));
}

/** What people know it by: the value that the manifest names, where it is not secret; else its name or its number. */
function labelOf(method: FormMethodManifest, index: number, name: string | null, fields: Values): string {
  const label = method.batch?.label;
  const isOpen = method.fields.some((field) => field.name === label && !field.secret);
  const value = label !== undefined && isOpen ? fields[label] : undefined;
  return plainText(value ?? name ?? `#${index + 1}`, LONGEST_LABEL);
}

/** The method takes values; batches are made of nothing else. */
export function formOf({ method }: Pick<MethodOption, 'method'>): FormMethodManifest {
  if (method.flow === 'form') return method;
  throw new ApiProblem({
    status: 422,
    code: 'sign_in_only',
    message: `The method '${method.id}' takes a sign-in of each customer, so it has no batches of up to ${MOST_ITEMS} accounts.`,
    remedy: 'Choose a method with the flow "form" (GET /v1/providers), or create a connection for each account.',
  });
}
