import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';

import { Secret } from '../platform/secret.ts';
import { tenantPattern } from '../contracts/ids.ts';
import type { SecretStore } from './secrets/port.ts';

const document = Type.Object({
  /** Who asks, in the words that the customer reads on the invitation page. */
  displayName: Type.String({ minLength: 1 }),
  /** Where a platform may have the browser sent back to after a sign-in; compared to the letter. */
  platformRedirectUris: Type.Array(Type.String({ pattern: '^https?://' })),
});
const storedTenant = Compile(document);

export type Tenant = Readonly<Static<typeof document>>;

/** Tenants, under `config/tenants/{tenant}`. Every function rejects as the secret store does. */
export interface Tenants {
  read(tenant: string): Promise<Tenant | undefined>;
  /** Makes it or replaces it. RangeError for an id or a document that is none. */
  write(tenant: string, value: Tenant): Promise<void>;
  list(): Promise<string[]>;
}

const FOLDER = 'tenants/';
const ID = new RegExp(tenantPattern);

export function createTenants({ secrets }: { readonly secrets: SecretStore }): Tenants {
  return {
    async read(tenant) {
      if (!ID.test(tenant)) return undefined;
      const value = (await secrets.read('config', FOLDER + tenant))?.data.reveal();
      return storedTenant.Check(value) ? value : undefined;
    },

    async write(tenant, { displayName, platformRedirectUris }) {
      const value = { displayName, platformRedirectUris };
      if (!ID.test(tenant) || !storedTenant.Check(value)) {
        throw new RangeError(
          'A tenant has an id of lower-case letters, digits and "-", a display name, and http(s) redirect URIs.',
        );
      }
      await secrets.write('config', FOLDER + tenant, new Secret(value));
    },

    async list() {
      return await secrets.list('config', FOLDER);
    },
  };
}
