import type { CloudVariables } from '../../platform/config/own-environment.ts';
import { Secret } from '../../platform/secret.ts';
import type {
  MethodManifest,
  ProviderManifest,
  RedirectMethodManifest,
  RegionManifest,
  SettingVariable,
} from './types.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A provider's manifest with this installation's values filled in. */
export interface ProviderSettings {
  readonly manifest: ProviderManifest;
  readonly enabled: boolean;
  readonly regions: ReadonlyMap<string, RegionSettings>;
  /** What is run for each program of the manifest, by the program's name: a path, or a name on PATH. */
  readonly programs: Readonly<Record<string, string>>;
}

export interface RegionSettings {
  readonly manifest: RegionManifest;
  readonly urls: Readonly<Record<string, string>>;
  /** By role; absent where the environment does not give it. Secret roles are in `secrets` instead. */
  readonly values: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, Secret<string>>>;
}

/** Why a method can't be used: a sentence with the variables to set. */
export interface NotReady {
  /** `connector_disabled`, `credentials_not_configured`, or what a worker found out with the settings. */
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly variables: readonly string[];
}

/** Reads a provider's settings from the environment. Empty strings count as absent. */
export function resolveSettings(manifest: ProviderManifest, environment: Environment): ProviderSettings {
  return {
    manifest,
    enabled: manifest.enableVariables.every((name) => !isOff(environment[name])),
    regions: new Map(manifest.regions.map((region) => [region.id, resolveRegion(region, environment)])),
    programs: Object.fromEntries(
      (manifest.programs ?? []).map(({ name, variable }) => [name, environment[variable] || name]),
    ),
  };
}

/** Undefined when the method can be used in the region; otherwise what is missing. For a process with all settings. */
export function missingFor(
  settings: ProviderSettings,
  region: RegionSettings,
  method: MethodManifest,
): NotReady | undefined {
  return missingOf(settings, region, method, method.requires);
}

/**
 * The same for the API, which is given no cloud's secret: it needs only what leads to the cloud's sign-in page. Workers
 * report what else is missing.
 */
export function missingForSignIn(
  settings: ProviderSettings,
  region: RegionSettings,
  method: MethodManifest,
): NotReady | undefined {
  const roles = method.flow === 'redirect' ? method.requires : [];
  const open = roles.filter((role) => region.manifest.settings[role]?.secret !== true);
  return missingOf(settings, region, method, open);
}

/** Which variables of the clouds are secret, and which replace a URL; under all their names. */
export const cloudVariables = (manifests: readonly ProviderManifest[]): CloudVariables => {
  const regions = manifests.flatMap((manifest) => manifest.regions);
  return {
    secrets: regions.flatMap(({ settings }) =>
      Object.values(settings).flatMap(({ secret, names }) => (secret === true ? names : [])),
    ),
    urls: regions.flatMap(({ urls }) => Object.values(urls).map(({ variable }) => variable)),
  };
};

function missingOf(
  settings: ProviderSettings,
  region: RegionSettings,
  method: MethodManifest,
  roles: readonly string[],
): NotReady | undefined {
  const { manifest } = settings;
  if (!settings.enabled) {
    const variable = manifest.enableVariables[0] ?? '';
    return {
      code: 'connector_disabled',
      message: `${manifest.id.toUpperCase()} connector not enabled.`,
      remedy: `Set ${variable}=true and restart Mooring.`,
      variables: [variable],
    };
  }
  if (method.requiresUnless !== undefined && isOn(region.values[method.requiresUnless])) return undefined;
  const variables = roles
    .filter((role) => !(role in region.values) && !(role in region.secrets))
    .map((role) => region.manifest.settings[role]?.names[0] ?? role);
  if (variables.length === 0) return undefined;
  const what = method.flow === 'redirect' ? 'OAuth2 credentials' : 'Credentials';
  // A cloud's only region has a name that says nothing.
  const where = manifest.regions.length > 1 ? region.manifest.id : manifest.id;
  return {
    code: 'credentials_not_configured',
    message: `${what} not configured for ${where}.`,
    remedy: `Set ${variables.join(' and ')} and restart Mooring.`,
    variables,
  };
}

/** The redirect URI that the cloud must know to the letter: as configured, else derived from our public URL. */
export function redirectUriFor(region: RegionSettings, callbackPath: string, publicUrl: string): string {
  return region.values['redirectUri'] ?? new URL(callbackPath, publicUrl).href;
}

/** The scopes to ask for; `{role}` in one stands for the region's URL of that role, as configured. */
export const scopesFor = ({ urls }: RegionSettings, { scopes }: RedirectMethodManifest): string[] =>
  scopes.map((scope) => fill(scope, urls));

function resolveRegion(region: RegionManifest, environment: Environment): RegionSettings {
  const values: Record<string, string> = {};
  const secrets: Record<string, Secret<string>> = {};
  for (const [role, variable] of Object.entries(region.settings)) {
    const value = firstSet(variable, environment);
    if (value === undefined) continue;
    if (variable.secret) secrets[role] = new Secret(value);
    else values[role] = value;
  }
  const segments = Object.fromEntries(Object.entries(values).map(([role, value]) => [role, encodeURIComponent(value)]));
  const urls = Object.fromEntries(
    Object.entries(region.urls).map(([role, { url, variable }]) => [
      role,
      fill(environment[variable] || url, segments),
    ]),
  );
  return { manifest: region, urls, values, secrets };
}

/** A placeholder without a value stays: a provider fills in what is known only with each call. */
const fill = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\{(\w+)\}/g, (placeholder, role: string) => values[role] ?? placeholder);

function firstSet(variable: SettingVariable, environment: Environment): string | undefined {
  for (const name of variable.names) if (environment[name]) return environment[name];
  return variable.default;
}

/**
 * Whether each answer of the authorization server names its issuer (RFC 9207, 2.3), so that one without is refused. A
 * switch in the region's settings, because a server that is configured in the cloud's place may do otherwise.
 */
export const namesIssuer = ({ values }: RegionSettings): boolean => isOn(values['namesIssuer']);

/** A switch that is off unless it is set. */
export const isOn = (value: string | undefined): boolean => value !== undefined && !isOff(value);

const isOff = (value: string | undefined): boolean => value !== undefined && /^(false|0|no|off)$/i.test(value.trim());
