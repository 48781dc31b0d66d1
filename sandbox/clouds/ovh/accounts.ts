/** The people of the simulated OVHcloud, in every region the same. */
export interface OvhAccount {
  readonly nichandle: string;
  readonly firstname: string;
  readonly name: string;
  readonly organisation: string | null;
  readonly email: string;
  readonly country: string;
}

export const ovhAccounts: readonly [OvhAccount, ...OvhAccount[]] = [
  {
    nichandle: 'la12345-ovh',
    firstname: 'Ada',
    name: 'Lindqvist',
    organisation: 'Lindqvist Logistics',
    email: 'ada@lindqvist.example',
    country: 'FR',
  },
  {
    nichandle: 'ob67890-ovh',
    firstname: 'Bruno',
    name: 'Okafor',
    organisation: 'Okafor & Sons',
    email: 'bruno@okafor.example',
    country: 'DE',
  },
  {
    nichandle: 'mc24680-ovh',
    firstname: 'Chloé',
    name: 'Moreau',
    organisation: null,
    email: 'chloe@moreau.example',
    country: 'CA',
  },
];

export const findAccount = (nichandle: string | null): OvhAccount | undefined =>
  ovhAccounts.find((account) => account.nichandle === nichandle);
