/** The directories (tenants), people and subscriptions of the simulated Azure; the same in each of its clouds. */
export interface Tenant {
  readonly id: string;
  readonly name: string;
  /** Only administrators may allow an application. */
  readonly needsAdminConsent: boolean;
}

export interface Subscription {
  readonly id: string;
  readonly name: string;
  readonly tenantId: string;
  readonly state: 'Enabled' | 'Warned' | 'PastDue' | 'Disabled';
}

export interface User {
  readonly username: string;
  readonly name: string;
  readonly objectId: string;
  readonly tenantId: string;
}

const guid = (start: string): string => `${start}-0000-4000-8000-000000000001`;

export const tenants: readonly [Tenant, ...Tenant[]] = [
  { id: guid('aaaa1111'), name: 'Lindqvist Logistics', needsAdminConsent: false },
  { id: guid('bbbb2222'), name: 'Okafor & Sons', needsAdminConsent: true },
  { id: guid('cccc3333'), name: 'Moreau', needsAdminConsent: false },
];
const [lindqvist, okafor, moreau] = tenants.map(({ id }) => id) as [string, string, string];

export const subscriptions: readonly Subscription[] = [
  { id: guid('5ab50001'), name: 'Production', tenantId: lindqvist, state: 'Enabled' },
  { id: guid('5ab50002'), name: 'Staging', tenantId: lindqvist, state: 'Enabled' },
  { id: guid('5ab50003'), name: 'Old laboratory', tenantId: lindqvist, state: 'Disabled' },
  { id: guid('5ab50004'), name: 'Okafor main', tenantId: okafor, state: 'Enabled' },
];

export const users: readonly [User, ...User[]] = [
  { username: 'ada@lindqvist.example', name: 'Ada Lindqvist', objectId: guid('0b1ec701'), tenantId: lindqvist },
  { username: 'bruno@okafor.example', name: 'Bruno Okafor', objectId: guid('0b1ec702'), tenantId: okafor },
  { username: 'chloe@moreau.example', name: 'Chloé Moreau', objectId: guid('0b1ec703'), tenantId: moreau },
];

export const findTenant = (id: string): Tenant | undefined => tenants.find((tenant) => tenant.id === id.toLowerCase());

export const findUser = (username: string | null): User | undefined => users.find((user) => user.username === username);
