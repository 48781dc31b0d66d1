import type { Reply } from '../../../core/cloud.ts';
import { accountChoices } from '../../../core/consent-page.ts';
import { escapeHtml, page } from '../../../core/html.ts';
import { ovhChoices, shell } from '../choices.ts';
import { findAccount } from '../accounts.ts';
import { errorPage } from '../authorize-page.ts';
import type { OvhRegion } from '../regions.ts';
import type { ConsumerKey, ConsumerKeys } from './consumer-keys.ts';

/** Where a person approves or refuses a consumer key that an application asked for. */
export function validationReply(
  consumerKeys: ConsumerKeys,
  region: OvhRegion,
  query: URLSearchParams,
  /** Null = the page is asked for. */
  decision: URLSearchParams | null,
): Reply {
  const key = consumerKeys.awaiting(query.get('credentialToken') ?? '');
  if (key?.region !== region.id) return errorPage('This request is not known, or it was decided before.');
  if (!decision) return validationPage(key);
  if (decision.get('decision') !== 'approve') {
    consumerKeys.forget(key.consumerKey);
    return told('Refused', 'The consumer key is worth nothing now.');
  }
  const account = findAccount(decision.get('account'));
  if (!account) return errorPage(`There is no account "${decision.get('account') ?? ''}".`);
  consumerKeys.approve(key, account.nichandle);
  return told('Approved', `The application may now act for ${account.nichandle}. You can close this page.`);
}

function validationPage({ applicationKey, rules }: ConsumerKey): Reply {
  return page({
    ...shell,
    content: `<h1>Simulated OVHcloud · Authorize an application</h1>
<p>The application <code>${escapeHtml(applicationKey)}</code> asks for these calls of the OVHcloud API in your name:</p>
<ul>${rules.map(({ method, path }) => `<li><code>${escapeHtml(`${method} ${path}`)}</code></li>`).join('')}</ul>
<form method="post">
${accountChoices(ovhChoices)}
<div class="actions">
<button name="decision" value="approve">Approve</button>
<button name="decision" value="refuse">Refuse</button>
</div>
</form>`,
  });
}

const told = (heading: string, sentence: string): Reply =>
  page({ ...shell, content: `<h1>Simulated OVHcloud · ${heading}</h1>\n<p>${escapeHtml(sentence)}</p>` });
