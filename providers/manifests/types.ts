import type { BatchManifest } from './batch.ts';

/**
 * A provider, as data. From a manifest follow the API's routes and checks, the invitation page, the boot checks,
 * the configuration reference and the list of what is ready; code that acts stands in the provider's `client.ts`.
 */
export interface ProviderManifest {
  readonly id: string;
  readonly name: string;
  /** Environment variables that switch the connector off or on; the first is the canonical one. Default: on. */
  readonly enableVariables: readonly string[];
  /** What this cloud calls a region in messages: "endpoint", "partition", … */
  readonly regionWord: string;
  /**
   * Headers of this cloud's answers by which its support finds a request again, e.g. `x-amzn-requestid`; the first that
   * an answer has counts. Empty where the cloud sends none.
   */
  readonly requestIdHeaders: readonly string[];
  /** Renewals a second that this cloud takes from one installation, all workers together; left out: no limit. */
  readonly renewalsPerSecond?: number;
  /** Programs of this cloud that the worker runs, e.g. to list resources. */
  readonly programs?: readonly ProgramManifest[];
  /** What is listed of connected accounts; left out where nothing is. */
  readonly discovery?: DiscoveryManifest;
  /** At least one; a cloud without regions has one named `global`. */
  readonly regions: readonly RegionManifest[];
  readonly methods: readonly MethodManifest[];
}

/** The same setting under several names, canonical first; the others are honoured. */
export interface SettingVariable {
  readonly names: readonly [string, ...string[]];
  readonly description: string;
  readonly secret?: boolean;
  readonly default?: string;
}

export interface ProgramManifest {
  /** Its name on PATH, which is what is run where the variable is not set. */
  readonly name: string;
  /** The environment variable that gives its path, or another name on PATH. */
  readonly variable: string;
  readonly description: string;
}

export interface DiscoveryManifest {
  /** The kind of the places that resources are listed in: `project`, `region`, `subscription`. Null = there are none. */
  readonly projectKind: string | null;
  /** The ways in which lists are made, by the word that rows carry as their `source`. */
  readonly sources: Readonly<Record<string, string>>;
  readonly kinds: readonly ResourceKind[];
}

/** One kind of resource. Kinds that clouds have in common have one id: `instance`, `volume`, … */
export interface ResourceKind {
  readonly id: string;
  /** In the plural, as people call them. */
  readonly label: string;
  readonly scope: 'account' | 'project';
  /** The rights that listing this kind needs, in the cloud's own words, e.g. `ec2:DescribeInstances`. */
  readonly needs: readonly string[];
  /** What the customer adds where one of them is missing: a role's name, or text to copy. */
  readonly grant: string;
}

export interface RegionManifest {
  readonly id: string;
  readonly label: string;
  /**
   * By role, e.g. `authorize`, `token`, `revoke`, `api`. Each may be overridden (sovereign clouds, tests, the sandbox).
   * `{role}` in one stands for the region's setting of that role (a tenant in the path).
   */
  readonly urls: Readonly<Record<string, { readonly url: string; readonly variable: string }>>;
  /** By role: `clientId`, `clientSecret`, `redirectUri`; `namesIssuer` where the cloud publishes it (RFC 9207, 3). */
  readonly settings: Readonly<Record<string, SettingVariable>>;
}

interface MethodBase {
  readonly id: string;
  readonly name: string;
  /** One sentence for the customer: what is asked of them, in plain words. */
  readonly asks: string;
  /** Setting roles that must be present before this method can start in a region. */
  readonly requires: readonly string[];
  /** A setting role that, where it is switched on, stands for all of `requires`: the process has an identity of its own. */
  readonly requiresUnless?: string;
  /**
   * The record's fields that a reader needs to use the credential, by their stored names: what the API hands out, and
   * nothing else ever is. Never what renews it or outlives it (a refresh token, a client secret, a private key), unless
   * that itself is the credential.
   */
  readonly leased: readonly string[];
  /** Other ways of writing down a leased credential than the API's own JSON. */
  readonly credentialFormats?: readonly CredentialFormat[];
  /**
   * The environment variables under which the cloud's own tools read a credential, each with what it holds: a leased
   * field, the `region`, or when it ends (`expiresAt`, left out where it does not).
   */
  readonly variables: Readonly<Record<string, string>>;
  /** True when each refresh replaces the refresh token, so that one must never be spent twice. */
  readonly rotatesRefreshTokens: boolean;
  /**
   * The longest time between two renewals, in seconds; left out: an hour. Set it where a token lives for weeks and each
   * renewal has a price, such as a rotation.
   */
  readonly longestCycleSeconds?: number;
  readonly discovers: boolean;
  /** Kinds of resources that credentials of this method can never list, and why. */
  readonly cannotList?: Readonly<Record<string, string>>;
  /**
   * Facts about our own identity at the cloud (`Provider.identity`), by name, that a connection can't be made without:
   * the customer lets in exactly that account. Kept in the connection's setup, for its guide.
   */
  readonly identity?: readonly string[];
  /** What the customer must do at the cloud first, with this connection's own values filled in. Pure. */
  readonly guide?: (context: GuideContext) => readonly GuideBlock[];
}

/** The customer signs in at the cloud and is redirected back (RFC 6749, 4.1 with PKCE, RFC 7636). */
export interface RedirectMethodManifest extends MethodBase {
  readonly flow: 'redirect';
  /** Served by the API on its own origin; the redirect URI is derived from it where none is configured. */
  readonly callbackPath: string;
  /** `{role}` in one stands for the region's URL of that role: sovereign clouds have scopes of their own. */
  readonly scopes: readonly string[];
  readonly authorizeParameters: Readonly<Record<string, string>>;
  /**
   * Who can revoke a token on request (RFC 7009): our `client`, by authenticating; the `bearer`, by holding the token; or
   * `nobody`, where the cloud has no endpoint for it.
   */
  readonly revokesBy: 'client' | 'bearer' | 'nobody';
  /** Addresses by which a platform's backend already knows this way in; served beside the API's own. */
  readonly platformRoutes?: PlatformRoutes;
}

/** Paths on our own origin, each of them for POST. Completion is a POST to `callbackPath`. */
export interface PlatformRoutes {
  readonly initiate: string;
  readonly refresh: string;
  /** Looks at submitted credentials of another method of the same cloud, by its id. */
  readonly validate: { readonly path: string; readonly method: string };
}

/** The customer (or the platform) submits values: a role ARN, keys, a service principal. */
export interface FormMethodManifest extends MethodBase {
  readonly flow: 'form';
  readonly fields: readonly FormField[];
  /**
   * What Mooring mints for each connection before anything is submitted, never taken from outside: `externalId` is
   * what makes a role assumable for this connection alone. Shown to the customer; not a secret.
   */
  readonly minted: readonly 'externalId'[];
  /** Where the same method can be completed with one of several sets of values, these are the sets; each adds to `fields`. */
  readonly variants?: readonly FormVariant[];
  /** How many accounts come in at once. */
  readonly batch?: BatchManifest;
}

/** One of several ways of filling in a form: keys that exist, or what they can be made with. */
export interface FormVariant {
  readonly id: string;
  readonly label: string;
  /** One sentence: what is asked, and what becomes of it. */
  readonly asks: string;
  readonly fields: readonly FormField[];
}

export interface GuideContext {
  readonly region: string;
  /** The region's settings that are not secret, by role: a client id, a tenant. */
  readonly values: Readonly<Record<string, string>>;
  /** By name: what was minted, and what the worker found out about our own identity (`accountId`, …). */
  readonly setup: Readonly<Record<string, string>>;
}

/** Text to read, or to copy to the letter. */
export interface GuideBlock {
  readonly title: string;
  readonly text: string;
  /** Present = `text` is to be copied; the value names its language. */
  readonly format?: 'json' | 'yaml' | 'hcl' | 'shell' | 'url';
}

export interface FormField {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly secret: boolean;
  readonly required: boolean;
  readonly pattern?: string;
  /** In characters. Left out: 4,096, or 16,384 where it is `multiline`. */
  readonly maxLength?: number;
  /**
   * What is wrong with a value that must not be worked with, e.g. a key so large that signing with it takes seconds:
   * a predicate like "is too large.". The provider checks it again, because a stored value may be older. Pure, and fast.
   */
  readonly fault?: (value: string) => string | undefined;
  readonly multiline?: boolean;
  /** The values to choose from; the first is the default. */
  readonly options?: readonly string[];
}

/** A credential as the cloud's own tools read it. */
export interface CredentialFormat {
  /** As a caller asks for it, e.g. `credential_process`. */
  readonly id: string;
  readonly contentType: string;
  /** Pure. Holds the secret in clear: for the reply's body alone. */
  readonly render: (lease: LeasedFields) => string;
}

export interface LeasedFields {
  readonly region: string;
  /** The record's fields that are handed out, by their stored names. */
  readonly fields: Readonly<Record<string, string>>;
  readonly expiresAt: string | null;
}

export type MethodManifest = RedirectMethodManifest | FormMethodManifest;
