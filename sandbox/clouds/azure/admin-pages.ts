import type { Reply } from '../../core/cloud.ts';
import { escapeHtml, page } from '../../core/html.ts';
import { errorPage, shell } from './authorize.ts';
import type { AzureCloud } from './settings.ts';
import { type Consents, ready, type Principals } from './principals.ts';
import { findTenant, subscriptions, tenants } from './directory.ts';
import { describe } from './entra-errors.ts';

/** `…/{tenant}/adminconsent`: an administrator allows Mooring's application for all users of a directory. */
export function adminConsent(
  cloud: AzureCloud,
  query: URLSearchParams,
  decision: URLSearchParams | null,
  consents: Consents,
): Reply {
  if (query.get('client_id') !== cloud.application.clientId) {
    return errorPage(describe(700016, `Application '${query.get('client_id') ?? ''}' was not found in the directory.`));
  }
  const tenant = findTenant(decision?.get('tenant') ?? '');
  if (tenant) {
    consents.give(cloud, tenant.id);
    return page({
      ...shell,
      content: `<h1>Consent given</h1>\n<p>Everybody in ${escapeHtml(tenant.name)} can use ${cloud.application.name} now. Open the invitation again.</p>`,
    });
  }
  const choices = tenants.map(
    ({ id, name }, index) => `<label><input type="radio" name="tenant" value="${id}"${index === 0 ? ' checked' : ''}>
<span>${escapeHtml(name)}<small>${id}</small></span></label>`,
  );
  return page({
    ...shell,
    content: `<h1>Simulated Microsoft Entra ID · admin consent</h1>
<form method="post" action="${escapeHtml(`?${query.toString()}`)}">
<fieldset><legend>Allow ${cloud.application.name} for everybody in</legend>
${choices.join('\n')}
</fieldset>
<div class="actions"><button value="approve">Accept</button></div>
</form>`,
  });
}

/** What a new user of the sandbox copies into Mooring's form: app registrations that are there from the start. */
export function appRegistrations(cloud: AzureCloud, decision: URLSearchParams | null, principals: Principals): Reply {
  const chosen = ready(cloud).find(({ clientId }) => clientId === decision?.get('client_id'));
  if (chosen) {
    const theirs = subscriptions.filter(({ tenantId }) => tenantId === chosen.tenantId);
    principals.assign(cloud, chosen.clientId, decision?.get('role') === 'Reader' ? theirs.map(({ id }) => id) : []);
  }
  const sections = ready(cloud).map(({ name, tenantId, clientId, secret }) => {
    const seen = principals.visible(cloud, clientId).map((subscription) => subscription.name);
    const role = seen.length > 0 ? `Reader of ${seen.join(', ')}` : 'no role';
    return `<fieldset><legend>${escapeHtml(name)}: ${escapeHtml(role)}</legend>
${copied(`Directory (tenant) ID of ${name}`, tenantId)}
${copied(`Application (client) ID of ${name}`, clientId)}
${copied(`Client secret of ${name}`, secret?.value ?? '')}
<form method="post"><input type="hidden" name="client_id" value="${clientId}"><div class="actions">
<button name="role" value="${seen.length > 0 ? 'none' : 'Reader'}">${seen.length > 0 ? 'Remove the role' : 'Assign the Reader role'}</button>
</div></form></fieldset>`;
  });
  return page({
    ...shell,
    title: 'Simulated Azure',
    content: `<h1>Simulated Azure · app registrations</h1>\n${sections.join('\n')}`,
  });
}

const copied = (label: string, value: string): string =>
  `<label><span>${escapeHtml(label)}<input readonly value="${escapeHtml(value)}"></span></label>`;
