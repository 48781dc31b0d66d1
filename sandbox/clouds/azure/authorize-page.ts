import type { Reply } from '../../core/cloud.ts';
import { consentPage, type Choice } from '../../core/consent-page.ts';
import { escapeHtml, page } from '../../core/html.ts';
import type { AzureCloud } from './clouds.ts';
import { findTenant, type User } from './directory.ts';

export const shell = { title: 'Simulated Microsoft Entra ID', accent: '#0067b8' };

export const authorizePage = (request: {
  cloud: AzureCloud;
  redirectUri: string;
  scopes: readonly string[];
  query: URLSearchParams;
  users: readonly User[];
}): Reply =>
  consentPage({
    ...request,
    shell,
    heading: `Simulated Microsoft Entra ID · ${request.cloud.id}`,
    asks: `<p><strong>${escapeHtml(request.cloud.application.name)}</strong> asks to use Azure Resource Manager in your name
(<code>${request.scopes.map(escapeHtml).join('</code>, <code>')}</code>).</p>`,
    choices: request.users.map(choice),
    approve: 'Accept',
    refuse: 'Cancel',
  });

export function errorPage(message: string): Reply {
  return page({
    ...shell,
    status: 400,
    content: `<h1>Simulated Microsoft Entra ID</h1>\n<p>Sorry, but we're having trouble signing you in.</p>\n<p>${escapeHtml(message)}</p>`,
  });
}

function choice({ username, name, tenantId }: User): Choice {
  const tenant = findTenant(tenantId);
  const needs = tenant?.needsAdminConsent ? ', an administrator must consent first' : '';
  return { value: username, name, note: `${username} · ${tenant?.name}${needs}` };
}
