import type { Reply } from '../../../core/cloud.ts';
import { accountChoices, escapeHtml, page } from '../../../core/html.ts';
import { ovhChoices, shell, errorPage } from '../pages.ts';
import { findAccount } from '../accounts.ts';
import type { OvhRegion } from '../regions.ts';
import {
  type ConsumerKey,
  type ConsumerKeys,
  everything,
  type AccessRule,
  type Applications,
} from './consumer-keys.ts';
import type { Projects } from '../inventory/projects.ts';

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
    return messagePage('Refused', 'The consumer key is worth nothing now.');
  }
  const account = findAccount(decision.get('account'));
  if (!account) return errorPage(`There is no account "${decision.get('account') ?? ''}".`);
  consumerKeys.approve(key, account.nichandle);
  return messagePage('Approved', `The application may now act for ${account.nichandle}. You can close this page.`);
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

const messagePage = (heading: string, sentence: string): Reply =>
  page({ ...shell, content: `<h1>Simulated OVHcloud · ${heading}</h1>\n<p>${escapeHtml(sentence)}</p>` });

const rights: Readonly<Record<string, { readonly label: string; readonly rules: readonly AccessRule[] }>> = {
  read: { label: 'GET /* (to read everything)', rules: [{ method: 'GET', path: '/*' }] },
  everything: { label: 'GET, POST, PUT, DELETE /* (also to make a service account)', rules: everything },
};

interface KeySources {
  readonly applications: Applications;
  readonly consumerKeys: ConsumerKeys;
  readonly projects: Projects;
}

/** OVHcloud's token creation page: makes an application and a consumer key for it, validated at once. */
export function tokenPageReply(keySources: KeySources, region: OvhRegion, form: URLSearchParams | null): Reply {
  if (!form) return choicePage(region);
  const account = findAccount(form.get('account'));
  if (!account) return errorPage(`There is no account "${form.get('account') ?? ''}".`);
  const { rules } = rights[form.get('rights') ?? ''] ?? { rules: everything };
  const application = keySources.applications.create(region.id);
  const asked = keySources.consumerKeys.request({ applicationKey: application.key, region: region.id, rules });
  const { consumerKey } = keySources.consumerKeys.approve(asked, account.nichandle);
  return page({
    ...shell,
    content: `<h1>Simulated OVHcloud · Your keys</h1>
${copyable('Application key', application.key)}
${copyable('Application secret', application.secret)}
${copyable('Consumer key', consumerKey)}
<p>Projects of ${escapeHtml(account.nichandle)}:</p>
${keySources.projects
  .list(account.nichandle)
  .map(({ id, name }) => copyable(name, id))
  .join('\n')}`,
  });
}

function choicePage({ id, applications: [, service] }: OvhRegion): Reply {
  const choices = Object.entries(rights).map(
    ([value, { label }], index) =>
      `<label><input type="radio" name="rights" value="${value}"${index === 0 ? ' checked' : ''}><span>${escapeHtml(label)}</span></label>`,
  );
  return page({
    ...shell,
    content: `<h1>Simulated OVHcloud · ${escapeHtml(id)} · Create API keys</h1>
<form method="post">
${accountChoices(ovhChoices)}
<fieldset><legend>Rights</legend>
${choices.join('\n')}
</fieldset>
<div class="actions"><button name="decision" value="approve">Create keys</button></div>
</form>
<p>A service account that is there already, of the first of these accounts:</p>
${copyable('Client ID', service.clientId)}
${copyable('Client secret', service.clientSecret)}`,
  });
}

const copyable = (label: string, value: string): string =>
  `<p><small>${escapeHtml(label)}</small><br><code>${escapeHtml(value)}</code></p>`;
