import { html, type Html } from '../../http/pages/html.ts';

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
