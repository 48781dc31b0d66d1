import { escapeHtml } from '../../core/html.ts';
import { ovhAccounts, type OvhAccount } from './accounts.ts';

export const shell = { title: 'Simulated OVHcloud', accent: '#0050d7' };

/** Whom a person is on a page of the simulated OVHcloud: nobody here has a password. */
export const accountChoices = (): string => `<fieldset>
<legend>Sign in as</legend>
${ovhAccounts.map(accountChoice).join('\n')}
</fieldset>`;

function accountChoice({ nichandle, firstname, name, organisation }: OvhAccount, index: number): string {
  const who = `${firstname} ${name}${organisation === null ? '' : `, ${organisation}`}`;
  return `<label><input type="radio" name="account" value="${escapeHtml(nichandle)}"${index === 0 ? ' checked' : ''}>
<span>${escapeHtml(who)}<small>${escapeHtml(nichandle)}</small></span></label>`;
}
