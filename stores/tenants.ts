import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';

import { Secret } from '../platform/secret.ts';
import { tenantPattern } from '../contracts/ids.ts';
import { plainText } from '../contracts/plain-text.ts';
import { noBranding, readBranding, type Branding } from './branding.ts';
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
    branding: Type.Optional(Type.Unknown()),
    quotas: Type.Optional(Type.Unknown()),
  }),
);

/** The limits that a tenant has of its own. Null = as the installation's; 0 = no limit. */
export interface OwnQuotas {
  readonly connections: number | null;
  readonly submissionsPerMinute: number | null;
  readonly validationsPerMinute: number | null;
  /** For each connection. */
  readonly invitationsPerHour: number | null;
}

export const noQuotas: OwnQuotas = {
  connections: null,
  submissionsPerMinute: null,
  validationsPerMinute: null,
  invitationsPerHour: null,
};

export interface Tenant extends Readonly<Static<typeof document>> {
  readonly branding: Branding;
  readonly quotas: OwnQuotas;
}

/** Without branding and quotas, it looks like Mooring itself and has the quotas of the installation. */
export type NewTenant = Readonly<Static<typeof document>> & Partial<Tenant>;

export interface StoredTenant extends Tenant {
  /** The store's version, for check-and-set. */
  readonly version: number;
}

/** Tenants, under `config/tenants/{tenant}`. Every function rejects as the secret store does. */
export interface Tenants {
  read(tenant: string): Promise<StoredTenant | undefined>;
  /** Creates or replaces it. RangeError for an invalid id or document. */
  write(tenant: string, value: NewTenant): Promise<void>;
  /** Creates it; a tenant that exists is left as it is. RangeError as above. */
  create(tenant: string, value: NewTenant): Promise<void>;
  /**
   * Replaces the version that was read; 0 = it does not exist yet. SecretStoreConflict where another has changed it
   * meanwhile; then nothing is written. RangeError as above.
   */
  replace(tenant: string, version: number, value: NewTenant): Promise<StoredTenant>;
  /** The ids of all tenants, sorted. */
  list(): Promise<string[]>;
}

export const LARGEST_QUOTA = 9_999_999;
const isLimit = Compile(Type.Integer({ minimum: 0, maximum: LARGEST_QUOTA }));
const isObject = Compile(Type.Record(Type.String(), Type.Unknown()));

const FOLDER = 'tenants/';
const LONGEST_NAME = 200;
const ID = new RegExp(tenantPattern);

export function createTenants({ secrets }: { readonly secrets: SecretStore }): Tenants {
  const replace = async (tenant: string, version: number, given: NewTenant): Promise<StoredTenant> => {
    const value = documentOf(tenant, given);
    const written = await secrets.write('config', FOLDER + tenant, new Secret(value), { cas: version });
    return { ...value, version: written };
  };

  return {
    async read(tenant) {
      const stored = ID.test(tenant) ? await secrets.read('config', FOLDER + tenant) : undefined;
      const value = stored?.data.reveal();
      if (!stored || !storedTenant.Check(value)) return undefined;
      return {
        // An operator may have written it by other means. Customers read it on the page that asks them for access.
        displayName: plainText(value.displayName, LONGEST_NAME) || tenant,
        platformRedirectUris: value.platformRedirectUris,
        confirmsInvitations: value.confirmsInvitations ?? true,
        branding: readBranding(value.branding),
        quotas: readQuotas(value.quotas),
        version: stored.version,
      };
    },

    async write(tenant, value) {
      await secrets.write('config', FOLDER + tenant, new Secret(documentOf(tenant, value)));
    },

    async create(tenant, value) {
      const created = documentOf(tenant, value);
      // Vault's policy may allow the creation only, and would refuse a write to a tenant that exists.
      if (await secrets.read('config', FOLDER + tenant)) return;
      try {
        await replace(tenant, 0, created);
      } catch (error) {
        if (!(error instanceof SecretStoreConflict)) throw error;
      }
    },

    replace,

    async list() {
      return await secrets.list('config', FOLDER);
    },
  };
}

/** A limit of a stored document that is not valid is null. */
function readQuotas(value: unknown): OwnQuotas {
  const given = isObject.Check(value) ? value : {};
  const limit = (name: keyof OwnQuotas): number | null => (isLimit.Check(given[name]) ? given[name] : null);
  return {
    connections: limit('connections'),
    submissionsPerMinute: limit('submissionsPerMinute'),
    validationsPerMinute: limit('validationsPerMinute'),
    invitationsPerHour: limit('invitationsPerHour'),
  };
}

function documentOf(
  tenant: string,
  {
    displayName,
    platformRedirectUris,
    confirmsInvitations,
    branding: { logoUrl, colour, supportUrl, helpText } = noBranding,
    quotas: { connections, submissionsPerMinute, validationsPerMinute, invitationsPerHour } = noQuotas,
  }: NewTenant,
) {
  const value = {
    displayName,
    platformRedirectUris,
    confirmsInvitations,
    branding: { logoUrl, colour, supportUrl, helpText },
    quotas: { connections, submissionsPerMinute, validationsPerMinute, invitationsPerHour },
  };
  if (!ID.test(tenant) || !isTenant.Check(value)) {
    throw new RangeError(
      'A tenant has an id of lower-case letters, digits and "-", a display name, and http(s) redirect URIs.',
    );
  }
  return value;
}
