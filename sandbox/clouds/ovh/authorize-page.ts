import type { Reply } from '../../core/cloud.ts';
import { consentPage } from '../../core/consent-page.ts';
import { escapeHtml, page } from '../../core/html.ts';
import { ovhChoices, shell } from './choices.ts';

export const authorizePage = (request: {
  region: string;
  application: string;
  redirectUri: string;
  query: URLSearchParams;
}): Reply =>
  consentPage({
    ...request,
    shell,
    heading: `Simulated OVHcloud · ${request.region}`,
    asks: `<p><strong>${escapeHtml(request.application)}</strong> asks for full access to the OVHcloud API in your name
(scope <code>${escapeHtml(request.query.get('scope') ?? '')}</code>).</p>`,
    choices: ovhChoices,
    approve: 'Approve',
    refuse: 'Refuse',
  });

export function errorPage(message: string): Reply {
  return page({
    ...shell,
    status: 400,
    content: `<h1>Simulated OVHcloud</h1>\n<p>This sign-in can't go on. ${escapeHtml(message)}</p>`,
  });
}
