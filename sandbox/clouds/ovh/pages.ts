import type { Reply } from '../../core/cloud.ts';
import { consentPage, type Choice, escapeHtml, page } from '../../core/html.ts';
import { ovhAccounts } from './accounts.ts';

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

export const shell = { title: 'Simulated OVHcloud', accent: '#0050d7' };

/** Whom a person may be on a page of the simulated OVHcloud. */
export const ovhChoices: readonly Choice[] = ovhAccounts.map(({ nichandle, firstname, name, organisation }) => ({
  value: nichandle,
  name: `${firstname} ${name}${organisation === null ? '' : `, ${organisation}`}`,
  note: nichandle,
}));
