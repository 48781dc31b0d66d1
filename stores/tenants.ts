import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';

import { Secret } from '../platform/secret.ts';
import { tenantPattern } from '../contracts/ids.ts';
import { plainText } from '../contracts/plain-text.ts';
import { SecretStoreConflict, type SecretStore } from './secrets/port.ts';

const document = Type.Object({
  /** The tenant's name on the invitation page that the customer reads. */
  displayName: Type.String({ minLength: 1 }),
  /** Where a platform may send the browser after a sign-in; compared exactly. */
  platformRedirectUris: Type.Array(Type.String({ pattern: '^https?://' })),
  /** Accounts that come in by an open link are confirmed before anything is used, where a request does not say. */
  confirmsInvitations: Type.Boolean(),
});
const isTenant = Compile(document);
/** A document that an operator wrote may leave out what has a safe default. */
const storedTenant = Compile(
  Type.Object({
    ...document.properties,
    confirmsInvitations: Type.Optional(document.properties.confirmsInvitations),
  }),
);

export type Tenant = Readonly<Static<typeof document>>;

/** Tenants, under `config/tenants/{tenant}`. Every function rejects as the secret store does. */
export interface Tenants {
  read(tenant: string): Promise<Tenant | undefined>;
  /** Creates or replaces it. RangeError for an invalid id or document. */
  write(tenant: string, value: Tenant): Promise<void>;
  /** Creates it; a tenant that exists is left as it is. RangeError as above. */
  create(tenant: string, value: Tenant): Promise<void>;
  list(): Promise<string[]>;
}

const FOLDER = 'tenants/';
const LONGEST_NAME = 200;
const ID = new RegExp(tenantPattern);

export function createTenants({ secrets }: { readonly secrets: SecretStore }): Tenants {
  return {
    async read(tenant) {
      if (!ID.test(tenant)) return undefined;
      const value = (await secrets.read('config', FOLDER + tenant))?.data.reveal();
      if (!storedTenant.Check(value)) return undefined;
      // An operator may have written it by other means. Customers read it on the page that asks them for access.
      const displayName = plainText(value.displayName, LONGEST_NAME) || tenant;
      return { confirmsInvitations: true, ...value, displayName };
    },

    async write(tenant, value) {
      await secrets.write('config', FOLDER + tenant, documentOf(tenant, value));
    },

    async create(tenant, value) {
      const created = documentOf(tenant, value);
      // Vault's policy may allow the creation only, and would refuse a write to a tenant that exists.
      if (await secrets.read('config', FOLDER + tenant)) return;
      try {
        await secrets.write('config', FOLDER + tenant, created, { cas: 0 });
      } catch (error) {
        if (!(error instanceof SecretStoreConflict)) throw error;
      }
    },

    async list() {
      return await secrets.list('config', FOLDER);
    },
  };
}

function documentOf(
  tenant: string,
  { displayName, platformRedirectUris, confirmsInvitations }: Tenant,
): Secret<Tenant> {
  const value = { displayName, platformRedirectUris, confirmsInvitations };
  if (!ID.test(tenant) || !isTenant.Check(value)) {
    throw new RangeError(
      'A tenant has an id of lower-case letters, digits and "-", a display name, and http(s) redirect URIs.',
    );
  }
  return new Secret(value);
}
