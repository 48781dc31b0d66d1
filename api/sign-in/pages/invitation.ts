import { html } from '../../http/pages/html.ts';
import type { Page } from '../../http/pages/layout.ts';
import { guideHead, guideSteps } from './guide-steps.ts';
import { passcodeField } from './passcode.ts';
import { requestCard, type AccessRequest } from './request-card.ts';

export interface InvitationPage extends AccessRequest {
  readonly passcodeRequired: boolean;
  /** What was wrong with the passcode that was typed. */
  readonly passcodeProblem?: string;
}

/** For a sign-in at the cloud. Opening it changes nothing: link scanners open links. */
export function invitationPage(page: InvitationPage): Page {
  const { asker, way, view, passcodeRequired, passcodeProblem } = page;
  const { manifest, region, method } = way;
  const steps = guideSteps(
    method.guide?.({ region: region.manifest.id, values: region.values, setup: view.setup }) ?? [],
  );
  return {
    title: `${asker} asks for access`,
    ...(steps && { isWide: true, head: guideHead }),
    body: html`${requestCard(page)} ${steps}
      <form method="post">
        ${passcodeRequired && passcodeField(asker, passcodeProblem)}
        <button class="button" type="submit">Continue to ${manifest.name}</button>
      </form>
      <p class="quiet">You sign in at ${manifest.name} itself. Your password is not seen here.</p>`,
  };
}
