import type { FormField, FormMethodManifest, FormVariant } from '../../../providers/manifests/types.ts';

const LINE_LENGTH = 4_096;
/** A key file is 2 to 3 KB; nothing that a cloud gives is longer than this. */
const TEXT_LENGTH = 16_384;
const UNLIKE = 'does not look right.';
const LINE_BREAK = /[\r\n]/;

/** What was submitted, by field name; which set of fields it fills in, where there are several. */
export interface SubmittedValues {
  readonly variant?: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
}

export interface Mistake {
  /** The field's name; `variant` for the choice itself. */
  readonly field: string;
  /** A sentence that names the field, and never quotes what was typed: it may be a secret in the wrong place. */
  readonly sentence: string;
  /** What it should look like; a page has it beside the field already. */
  readonly hint?: string;
}

export type CheckedValues =
  | { readonly valid: true; readonly fields: Readonly<Record<string, string>> }
  | { readonly valid: false; readonly mistakes: readonly Mistake[] };

/**
 * Checks values against the manifest. Pure. Whitespace around values and CRLF, which come from copying, are removed.
 */
export function checkValues(method: FormMethodManifest, submitted: SubmittedValues): CheckedValues {
  const variant = chosenVariant(method, submitted.variant);
  if (typeof variant === 'string') return { valid: false, mistakes: [{ field: 'variant', sentence: variant }] };
  const asked = [...method.fields, ...(variant?.fields ?? [])];
  const strangers = Object.keys(submitted.fields).filter((name) => !asked.some((field) => field.name === name));
  const mistakes: Mistake[] = strangers.map((field) => ({
    field,
    sentence: `"${field}" is not asked for; the fields are ${asked.map(({ name }) => `"${name}"`).join(', ')}.`,
  }));
  const fields: Record<string, string> = {};
  for (const field of asked) {
    const value = normalised(field, submitted.fields[field.name]);
    const mistake = mistakeIn(field, value);
    if (mistake !== undefined) {
      const hint = mistake === UNLIKE ? { hint: field.hint } : {};
      mistakes.push({ field: field.name, sentence: `"${field.label}" ${mistake}`, ...hint });
    }
    if (mistake === undefined && value !== '') fields[field.name] = value;
  }
  return mistakes.length > 0 ? { valid: false, mistakes } : { valid: true, fields };
}

/** The variant, undefined where there are none, or what is wrong with the choice. */
function chosenVariant(
  { variants = [] }: FormMethodManifest,
  id: string | undefined,
): FormVariant | undefined | string {
  if (variants.length === 0) return id === undefined ? undefined : '"variant" is not asked for.';
  const ids = variants.map((variant) => `"${variant.id}"`).join(', ');
  return variants.find((variant) => variant.id === id) ?? `"variant" must be one of ${ids}.`;
}

function normalised({ options, multiline }: FormField, value: string | undefined): string {
  const text = (value ?? '').trim();
  if (text === '') return options?.[0] ?? '';
  return multiline ? text.replaceAll('\r\n', '\n') : text;
}

function mistakeIn(field: FormField, value: string): string | undefined {
  const { required, multiline, options, pattern } = field;
  if (value === '') return required ? 'is missing.' : undefined;
  const longest = field.maxLength ?? (multiline ? TEXT_LENGTH : LINE_LENGTH);
  if (value.length > longest) return `is longer than ${longest} characters.`;
  if (!multiline && LINE_BREAK.test(value)) return 'must be a single line.';
  if (options && !options.includes(value)) return `must be one of ${options.join(', ')}.`;
  // Like the `pattern` attribute in browsers: the whole value must match, with the flag v.
  if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`, 'v').test(value)) return UNLIKE;
  return field.fault?.(value);
}

/**
 * The name of an input on the page. Without a script the inputs of all variants are sent, and two variants may have a
 * field of the same name, so the name contains the variant. The prefix prevents a clash with the passcode.
 */
export const inputName = (field: string, variant?: string): string =>
  variant === undefined ? `value.${field}` : `value.${variant}.${field}`;

/** The values of the chosen variant; those of other variants are ignored. Pure. */
export function valuesOf(method: FormMethodManifest, form: Readonly<Record<string, string>>): SubmittedValues {
  const variant = method.variants?.find(({ id }) => id === form['variant']) ?? method.variants?.[0];
  const inputs = [
    ...method.fields.map(({ name }) => [name, form[inputName(name)]] as const),
    ...(variant?.fields ?? []).map(({ name }) => [name, form[inputName(name, variant?.id)]] as const),
  ];
  const fields = Object.fromEntries(
    inputs.filter((input): input is readonly [string, string] => input[1] !== undefined),
  );
  return variant ? { variant: variant.id, fields } : { fields };
}
