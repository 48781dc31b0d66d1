import type { Reply } from '../../core/cloud.ts';
import { escapeHtml, page } from '../../core/html.ts';
import { errorPage, shell } from './authorize-page.ts';
import type { AzureCloud } from './clouds.ts';
import type { Consents } from './consents.ts';
import { findTenant, tenants } from './directory.ts';
import { describe } from './entra-errors.ts';
import { ready } from './principals.ts';

/** `…/{tenant}/adminconsent`: an administrator allows Mooring's application for everybody in a directory. */
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
export function appRegistrations(cloud: AzureCloud): Reply {
  const facts = ready(cloud).map(
    ({ name, tenantId, clientId, secret }) => `<h2>${escapeHtml(name)}</h2>
<p>${name === 'reader' ? 'Has the Reader role on the subscriptions of its directory.' : 'Has no role yet: Mooring waits for one.'}</p>
<p><small>Directory (tenant) ID</small><br><code>${tenantId}</code></p>
<p><small>Application (client) ID</small><br><code>${clientId}</code></p>
<p><small>Client secret</small><br><code>${escapeHtml(secret?.value ?? '')}</code></p>`,
  );
  return page({
    ...shell,
    title: 'Simulated Azure',
    content: `<h1>Simulated Azure · app registrations</h1>\n${facts.join('\n')}`,
  });
}
