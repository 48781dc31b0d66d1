import type { FormField } from '../../../providers/manifests/types.ts';
import { html, type Html } from '../../http/pages/html.ts';

export interface FieldInput {
  readonly field: FormField;
  /** Of the input. */
  readonly name: string;
  /** What was typed before; a secret is never shown again. */
  readonly typed: string | undefined;
  readonly mistake: string | undefined;
  /** False where the browser must not insist: what is hidden could not be corrected. */
  readonly isChecked: boolean;
}

/** A label, what it is for, what was wrong, and the input. */
export function formField({ field, name, typed = '', mistake, isChecked }: FieldInput): Html {
  const hintId = `${name}-hint`;
  const mistakeId = `${name}-mistake`;
  const described = mistake === undefined ? hintId : `${mistakeId} ${hintId}`;
  const attributes = html`id="${name}" name="${name}" aria-describedby="${described}"
  ${mistake !== undefined && html`aria-invalid="true"`} ${field.required && isChecked && html`required`}`;
  return html`<label for="${name}"
      >${field.label}${!field.required && html` <span class="quiet">optional</span>`}</label
    >
    <p class="quiet" id="${hintId}">${field.hint}</p>
    ${mistake !== undefined && html`<p class="error" role="alert" id="${mistakeId}">${mistake}</p>`}
    ${input(field, attributes, field.secret ? '' : typed, isChecked)}`;
}

function input(
  { secret, multiline, options, pattern, hint }: FormField,
  attributes: Html,
  value: string,
  isChecked: boolean,
): Html {
  if (options) {
    return html`<select ${attributes}>
      ${options.map((option) => html`<option ${option === value && html`selected`}>${option}</option>`)}
    </select>`;
  }
  const plain = html`autocomplete="off" autocapitalize="none" spellcheck="false"`;
  // A text area can't hide what is typed; a browser that remembers forms must not keep it either.
  if (multiline) return html`<textarea ${attributes} ${plain} rows="6">${value}</textarea>`;
  return html`<input
    ${attributes}
    ${plain}
    type="${secret ? 'password' : 'text'}"
    value="${value}"
    ${pattern !== undefined && isChecked && html`pattern="${pattern}" title="${hint}"`}
  />`;
}
