import type { ConnectionView } from '../../../workflows/contracts/connection.ts';
import type { RedirectWay } from '../../provider-catalog.ts';
import { html } from '../html.ts';
import type { Page } from '../layout.ts';

export interface InvitationPage {
  /** Who asks, in words that the customer knows. */
  readonly asker: string;
  readonly way: RedirectWay;
  readonly view: ConnectionView;
  /** ISO 8601. */
  readonly expiresAt: string;
  readonly passcodeRequired: boolean;
  /** What was wrong with the passcode that was typed. */
  readonly passcodeProblem?: string;
}

/** Who asks, for what, and how to say no. Opening it changes nothing: link scanners open links. */
export function invitationPage(page: InvitationPage): Page {
  const { asker, way, view, expiresAt, passcodeRequired, passcodeProblem } = page;
  const { manifest, region, method } = way;
  const again = view.invitation?.purpose === 'reauthorize';
  return {
    title: `${asker} asks for access`,
    body: html`<h1>${asker} asks for access to your ${manifest.name} account</h1>
      <dl>
        <dt>Cloud</dt>
        <dd>${manifest.name}, ${region.manifest.label} <span class="quiet">(${region.manifest.id})</span></dd>
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
              Sign in with the account that was connected
              before${view.account && html`: ${view.account.displayName ?? view.account.id}`}.
            </dd>`
        }
        <dt>Link valid until</dt>
        <dd><time datetime="${expiresAt}">${readableInstant(expiresAt)}</time></dd>
      </dl>
      <p class="warning">
        <strong>Did you not ask for this?</strong> Then stop here and close this page. Nothing has happened.
      </p>
      <form method="post">
        ${
          passcodeRequired &&
          html`<label for="passcode">Passcode</label>
            <p class="quiet" id="passcode-hint">${asker} sent it to you by another way than this link.</p>
            ${passcodeProblem !== undefined && html`<p class="error" role="alert" id="passcode-problem">${passcodeProblem}</p>`}
            <input
              id="passcode"
              name="passcode"
              type="password"
              autocomplete="one-time-code"
              required
              maxlength="64"
              aria-describedby="passcode-hint"
            />`
        }
        <button class="button" type="submit">Continue to ${manifest.name}</button>
      </form>
      <p class="quiet">You sign in at ${manifest.name} itself. Your password is not seen here.</p>`,
  };
}

/** Independent of the reader's language and of the server's time zone. */
const readableInstant = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
