import {
  missingForSignIn,
  redirectUriFor,
  type ProviderSettings,
  type RegionSettings,
} from '../../providers/manifests/settings.ts';
import type { MethodManifest, ProviderManifest, RedirectMethodManifest } from '../../providers/manifests/types.ts';
import { ApiProblem, apiProblems } from '../http/problem.ts';

/** A method of connecting an account, in one region of a cloud. */
export interface MethodOption {
  readonly settings: ProviderSettings;
  readonly manifest: ProviderManifest;
  readonly region: RegionSettings;
  readonly method: MethodManifest;
}

/** A method with a sign-in at the cloud. */
export interface RedirectOption extends MethodOption {
  readonly method: RedirectMethodManifest;
  readonly redirectUri: string;
}

export interface ProviderCatalog {
  readonly all: readonly ProviderSettings[];
  /** Undefined when this installation does not know the provider, region or method (any more). */
  find(provider: string, region: string, method: string): MethodOption | undefined;
  /**
   * The method and region to start a connection with. Throws `ApiProblem` that names the valid values, or the variables
   * that the API itself is missing.
   */
  choose(provider: string, region: string, method: string | undefined): MethodOption;
  /** Where the clouds send browsers back to: each path with the providers that use it. */
  readonly callbacks: ReadonlyMap<string, ReadonlySet<string>>;
}

export function createProviderCatalog(all: readonly ProviderSettings[]): ProviderCatalog {
  const byId = new Map(all.map((settings) => [settings.manifest.id, settings]));
  return {
    all,
    callbacks: callbacksOf(all),
    find(provider, regionId, methodId) {
      const settings = byId.get(provider);
      const region = settings?.regions.get(regionId);
      const method = settings?.manifest.methods.find(({ id }) => id === methodId);
      return settings && region && method && { settings, manifest: settings.manifest, region, method };
    },
    choose(provider, regionId, methodId) {
      const settings = byId.get(provider);
      if (!settings) throw unknown('provider', provider, [...byId.keys()]);
      const { manifest, regions } = settings;
      const region = regions.get(regionId);
      if (!region) throw unknown(manifest.regionWord, regionId, [...regions.keys()]);
      const method = manifest.methods.find(({ id }) => methodId === undefined || id === methodId);
      if (!method)
        throw unknown(
          'method',
          methodId ?? '',
          manifest.methods.map(({ id }) => id),
        );
      const missing = missingForSignIn(settings, region, method);
      if (missing) throw apiProblems.notReady(missing);
      return { settings, manifest, region, method };
    },
  };
}

/** The same with its redirect URI. Undefined for a method without a redirect. */
export function asRedirect(option: MethodOption, publicUrl: string): RedirectOption | undefined {
  const { method, region } = option;
  if (method.flow !== 'redirect') return undefined;
  return { ...option, method, redirectUri: redirectUriFor(region, method.callbackPath, publicUrl) };
}

/**
 * One sentence for each redirect URI on another origin than ours. With such a URI the browser would come back without
 * its cookie, so the process refuses to start. Methods that are not configured are no error.
 */
export function foreignRedirects(all: readonly ProviderSettings[], publicUrl: string): string[] {
  const ready = all.flatMap((settings) =>
    [...settings.regions.values()].flatMap((region) =>
      settings.manifest.methods
        .filter((method) => !missingForSignIn(settings, region, method))
        .flatMap((method) => asRedirect({ settings, manifest: settings.manifest, region, method }, publicUrl) ?? []),
    ),
  );
  const sentences = ready
    .filter(({ redirectUri }) => originOf(redirectUri) !== publicUrl)
    .map(({ region, redirectUri }) => {
      const variable = region.manifest.settings['redirectUri']?.names[0] ?? 'The redirect URI';
      return `${variable} "${redirectUri}" is not on the origin of PUBLIC_URL (${publicUrl}): browsers would come back without their cookie. Change one of the two.`;
    });
  return [...new Set(sentences)];
}

function callbacksOf(all: readonly ProviderSettings[]): Map<string, Set<string>> {
  const callbacks = new Map<string, Set<string>>();
  for (const { manifest } of all) {
    for (const method of manifest.methods) {
      if (method.flow !== 'redirect') continue;
      callbacks.set(method.callbackPath, (callbacks.get(method.callbackPath) ?? new Set()).add(manifest.id));
    }
  }
  return callbacks;
}

const originOf = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).origin : undefined);

const unknown = (word: string, given: string, known: readonly string[]): ApiProblem =>
  new ApiProblem({
    status: 400,
    code: `invalid_${word}`,
    message: `Invalid ${word} '${given}'. Must be one of: ${known.join(', ')}`,
    remedy: 'GET /v1/providers lists what can be connected here.',
  });
