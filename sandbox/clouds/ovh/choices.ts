import type { Choice } from '../../core/consent-page.ts';
import { ovhAccounts } from './accounts.ts';

export const shell = { title: 'Simulated OVHcloud', accent: '#0050d7' };

/** Whom a person may be on a page of the simulated OVHcloud. */
export const ovhChoices: readonly Choice[] = ovhAccounts.map(({ nichandle, firstname, name, organisation }) => ({
  value: nichandle,
  name: `${firstname} ${name}${organisation === null ? '' : `, ${organisation}`}`,
  note: nichandle,
}));
