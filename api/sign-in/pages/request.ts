import type { ConnectionView } from '../../../contracts/connection.ts';
import type { MethodOption } from '../../connections/provider-catalog.ts';
import { html, type Html } from '../../http/html.ts';
import type { Page } from '../../http/page.ts';
import { guideHead, guideSteps, problemBox } from './parts.ts';

export interface AccessRequest {
  /** Who asks, in words that the customer knows. */
  readonly asker: string;
  readonly option: MethodOption;
  readonly view: ConnectionView;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** Who asks, for what, until when, what went wrong before, and how to say no. */
export function requestCard({ asker, option, view, expiresAt }: AccessRequest): Html {
  const { manifest, region, method } = option;
  const again = view.invitation?.purpose === 'reauthorize';
  const place = region.manifest.label === manifest.name ? manifest.name : `${manifest.name}, ${region.manifest.label}`;
  return html`<h1>${asker} asks for access to your ${manifest.name} account</h1>
    ${view.problem && problemBox(again ? 'Why you are asked again.' : 'The last try did not work.', view.problem)}
    <dl>
      <dt>Cloud</dt>
      <dd>${place} <span class="quiet">(${region.manifest.id})</span></dd>
      <dt>Access</dt>
      <dd>${method.asks}</dd>
      ${
        view.name !== null &&
        html`<dt>For</dt>
          <dd>${view.name}</dd>`
      }
      ${
        again &&
        html`<dt>Account</dt>
          <dd>
            ${method.flow === 'redirect' ? 'Sign in with the account' : 'Give access to the account'} that was connected
            before${view.account && html`: ${view.account.displayName ?? view.account.id}`}.
          </dd>`
      }
      <dt>Link valid until</dt>
      <dd><time datetime="${expiresAt}">${readableInstant(expiresAt)}</time></dd>
    </dl>
    <p class="warning">
      <strong>Did you not ask for this?</strong> Then stop here and close this page. Nothing has happened.
    </p>`;
}

/** Does not depend on the reader's language or the server's time zone. */
const readableInstant = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;

/** Asks for the passcode of a link; `problem` is what was wrong with the one that was typed. */
export function passcodeField(asker: string, problem: string | undefined): Html {
  return html`<label for="passcode">Passcode</label>
    <p class="quiet" id="passcode-hint">${asker} sent it to you by another way than this link.</p>
    ${problem !== undefined && html`<p class="error" role="alert" id="passcode-problem">${problem}</p>`}
    <input
      id="passcode"
      name="passcode"
      type="password"
      autocomplete="one-time-code"
      required
      maxlength="64"
      aria-describedby="passcode-hint"
    />`;
}

export interface InvitationPage extends AccessRequest {
  readonly passcodeRequired: boolean;
  /** What was wrong with the passcode that was typed. */
  readonly passcodeProblem?: string;
}

/** For a sign-in at the cloud. Opening it changes nothing: link scanners open links. */
export function invitationPage(page: InvitationPage): Page {
  const { asker, option, view, passcodeRequired, passcodeProblem } = page;
  const { manifest, region, method } = option;
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
