import type { FormMethodManifest } from '../../../providers/manifests/types.ts';
import type { SubmittedValues } from './check-values.ts';

/**
 * Names of the page's inputs. Without a script every variant's inputs are sent, and two variants may ask for a field
 * of the same name: so each says whose it is, and none can be taken for the passcode.
 */
export const inputName = (field: string, variant?: string): string =>
  variant === undefined ? `value.${field}` : `value.${variant}.${field}`;

/** What the chosen variant's inputs hold; what was typed for another one is left alone. Pure. */
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
