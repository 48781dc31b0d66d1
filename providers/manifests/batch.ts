import type { GuideBlock, GuideContext } from './types.ts';

/** What is convenient where many accounts come in at once by one form. Any form takes batches without it. */
export interface BatchManifest {
  /** The field that names an item to people. Never a secret one. */
  readonly label: string;
  /** The field whose value a proof claims for one tenant, so that what is connected already is recognised. */
  readonly claimed?: string;
  /** A short way to write many items. */
  readonly short?: ShortItems;
  /** What the customer does at the cloud first, with the batch's own values filled in. Left out: the method's guide. */
  readonly guide?: (context: GuideContext) => readonly GuideBlock[];
}

/** One item for each value of a list: `{name}` in a template stands for the value, `{region}` for the region. */
export interface ShortItems {
  readonly each: ShortValue;
  readonly once: readonly ShortValue[];
  /** Templates, by the name of the field that they fill in. */
  readonly makes: Readonly<Record<string, string>>;
}

export interface ShortValue {
  readonly name: string;
  readonly label: string;
  readonly pattern: string;
}

/** As a request gives it: the list under the name of `each`, the others under their own. */
export type GivenShort = Readonly<Record<string, string | readonly string[]>>;

export type ShortResult =
  | { readonly valid: true; readonly items: readonly Readonly<Record<string, string>>[] }
  /** Sentences that name what is wrong and quote nothing of it. */
  | { readonly valid: false; readonly mistakes: readonly string[] };

/** The fields of the items that were given in short. Pure. */
export function itemsInFull(short: ShortItems, region: string, given: GivenShort): ShortResult {
  const known = [short.each, ...short.once];
  const strangers = Object.keys(given).filter((name) => !known.some((value) => value.name === name));
  const list = given[short.each.name];
  const mistakes = [
    ...strangers.map((name) => `"${name}" is not asked for.`),
    ...(Array.isArray(list) ? listMistakes(short.each, list) : [`"${short.each.name}" must be a list.`]),
    ...short.once.flatMap((value) => (isLike(value, given[value.name]) ? [] : [unlike(value)])),
  ];
  if (mistakes.length > 0 || !Array.isArray(list)) return { valid: false, mistakes };
  const once = Object.fromEntries(short.once.map(({ name }) => [name, String(given[name])]));
  const items = list.map((value: string) => filledIn(short.makes, { ...once, region, [short.each.name]: value }));
  return { valid: true, items };
}

function listMistakes(each: ShortValue, list: readonly unknown[]): string[] {
  return list.flatMap((value, index) => (isLike(each, value) ? [] : [`${each.name}[${index}]: ${unlike(each)}`]));
}

const isLike = ({ pattern }: ShortValue, value: unknown): boolean =>
  typeof value === 'string' && new RegExp(`^(?:${pattern})$`, 'v').test(value);

const unlike = ({ name, label }: ShortValue): string => `"${name}" (${label}) is missing or does not look right.`;

const filledIn = (
  templates: ShortItems['makes'],
  values: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(templates).map(([field, template]) => [
      field,
      template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole),
    ]),
  );
