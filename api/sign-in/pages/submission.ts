import type { FormMethodManifest, FormVariant } from '../../../providers/manifests/types.ts';
import type { Problem } from '../../../contracts/problem.ts';
import type { Mistake } from '../submission/check-values.ts';
import { inputName } from '../submission/form-names.ts';
import { html, type Html } from '../../http/pages/html.ts';
import type { Page } from '../../http/pages/layout.ts';
import { formField } from './form-field.ts';
import { guideHead, guideSteps } from './guide-steps.ts';
import { passcodeField } from './passcode.ts';
import { problemBox } from './problem-box.ts';
import { requestCard, type AccessRequest } from './request-card.ts';

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
  const { asker, way, view, method, passcodeRequired, passcodeProblem, mistakes = [], notTaken } = page;
  const { manifest, region } = way;
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
