import type { Problem } from '../../../contracts/problem.ts';
import type { FormField, FormMethodManifest, FormVariant } from '../../../providers/manifests/types.ts';
import { html, type Html } from '../../http/html.ts';
import type { Page } from '../../http/page.ts';
import { inputName, type Mistake } from '../submission/check-values.ts';
import { guideHead, guideSteps, problemBox } from './parts.ts';
import { passcodeField, requestCard, type AccessRequest } from './request.ts';

export interface SubmissionPage extends AccessRequest {
  readonly method: FormMethodManifest;
  readonly passcodeRequired: boolean;
  readonly passcodeProblem?: string;
  /** What was typed, by input name. */
  readonly typed?: Readonly<Record<string, string>>;
  readonly mistakes?: readonly Mistake[];
  /** Why nothing was taken in, though nothing is wrong with what was typed. */
  readonly notTaken?: Problem;
}

/** For values that are submitted here. Opening it changes nothing: link scanners open links. */
export function submissionPage(page: SubmissionPage): Page {
  const { asker, option, view, method, passcodeRequired, passcodeProblem, mistakes = [], notTaken } = page;
  const { manifest, region } = option;
  const guide = method.guide?.({ region: region.manifest.id, values: region.values, setup: view.setup }) ?? [];
  const [variant] = method.variants ?? [];
  return {
    title: `${asker} asks for access`,
    isWide: true,
    head: guideHead,
    body: html`${requestCard(page)} ${view.status === 'verifying' && resubmission} ${guideSteps(guide)}
      <form method="post" autocomplete="off">
        <h2>What is asked for</h2>
        ${mistakes.length > 0 && html`<p class="error" role="alert">Nothing was submitted yet: see below.</p>`}
        ${notTaken && problemBox('Nothing was submitted yet.', notTaken)}
        ${method.fields.map((field) => entry(page, field))} ${variant && variants(method.variants ?? [], page)}
        ${passcodeRequired && passcodeField(asker, passcodeProblem)}
        <button class="button" type="submit">Connect ${manifest.name}</button>
      </form>
      <p class="quiet">What you submit is kept encrypted and used for this connection alone.</p>`,
  };
}

const resubmission = html`<p class="warning">
  What was submitted with this link is being tried at this moment. Submit again only to replace it.
</p>`;

function variants(all: readonly FormVariant[], page: SubmissionPage): Html {
  const chosen = all.find(({ id }) => id === page.typed?.['variant']) ?? all[0];
  return html`<fieldset class="variants">
    <legend>Choose one</legend>
    ${all.map(
      (variant) =>
        html`<div class="variant">
          <input
            type="radio"
            name="variant"
            id="variant.${variant.id}"
            value="${variant.id}"
            aria-describedby="variant.${variant.id}-asks"
            ${variant === chosen && html`checked`}
          />
          <label for="variant.${variant.id}">${variant.label}</label>
          <p class="quiet" id="variant.${variant.id}-asks">${variant.asks}</p>
          <div class="variant-fields">${variant.fields.map((field) => entry(page, field, variant.id))}</div>
        </div>`,
    )}
  </fieldset>`;
}

function entry(
  { typed = {}, mistakes = [] }: SubmissionPage,
  field: FormVariant['fields'][number],
  variant?: string,
): Html {
  const name = inputName(field.name, variant);
  const isOther = variant !== undefined && typed['variant'] !== variant;
  const mistake = isOther ? undefined : mistakes.find((each) => each.field === field.name)?.sentence;
  return formField({ field, name, typed: typed[name], mistake, isChecked: variant === undefined });
}

export interface FieldInput {
  readonly field: FormField;
  /** Of the input. */
  readonly name: string;
  /** What was typed before; a secret is never shown again. */
  readonly typed: string | undefined;
  readonly mistake: string | undefined;
  /** False when the browser must not validate it, because the field may be hidden. */
  readonly isChecked: boolean;
}

/** A label, what it is for, what was wrong, and the input. */
function formField({ field, name, typed = '', mistake, isChecked }: FieldInput): Html {
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
  // A text area cannot hide what is typed, and the browser must not remember it.
  if (multiline) return html`<textarea ${attributes} ${plain} rows="6">${value}</textarea>`;
  return html`<input
    ${attributes}
    ${plain}
    type="${secret ? 'password' : 'text'}"
    value="${value}"
    ${pattern !== undefined && isChecked && html`pattern="${pattern}" title="${hint}"`}
  />`;
}
