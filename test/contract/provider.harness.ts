import { systemClock } from '../../platform/clock.ts';
import type { JsonObject } from '../../platform/json.ts';
import { manifests } from '../../providers/manifests/all.ts';
import {
  redirectUriFor,
  resolveSettings,
  scopesFor,
  type Environment,
  type RegionSettings,
} from '../../providers/manifests/settings.ts';
import type {
  FormMethodManifest,
  MethodManifest,
  ProviderManifest,
  RedirectMethodManifest,
} from '../../providers/manifests/types.ts';
import type { AuthMethod } from '../../providers/provider.ts';
import { createProviders } from '../../providers/registry.ts';
import { createSandboxClient, type SandboxClient } from '../../sandbox/client.ts';
import { createSandbox, sandboxEnvironment } from '../../sandbox/sandbox.ts';
import { redirectMethodContract, type RedirectMethodHarness, type RedirectMethodTraits } from './provider.contract.ts';
import { formMethodContract, type FormMethodHarness } from './provider.form.contract.ts';

/** Where the API of the installations under test is. */
const PUBLIC_URL = 'http://127.0.0.1:5000';

/** A method by the ids of its provider and its own, in a region; left out: the provider's first. */
export interface MethodRef {
  readonly provider: string;
  readonly method: string;
  readonly region?: string;
}

function manifestsOf(ref: MethodRef): { provider: ProviderManifest; method: MethodManifest; region: string } {
  const provider = manifests.find(({ id }) => id === ref.provider);
  const method = provider?.methods.find(({ id }) => id === ref.method);
  const region = ref.region ?? provider?.regions[0]?.id;
  if (!provider || !method || region === undefined) throw new Error(`No manifest has ${ref.provider} ${ref.method}.`);
  return { provider, method, region };
}

export function redirectManifest(ref: MethodRef): RedirectMethodManifest {
  const { method } = manifestsOf(ref);
  if (method.flow !== 'redirect') throw new Error(`${ref.provider} ${ref.method} is no redirect method.`);
  return method;
}

export function formManifest(ref: MethodRef): FormMethodManifest {
  const { method } = manifestsOf(ref);
  if (method.flow !== 'form') throw new Error(`${ref.provider} ${ref.method} is no form method.`);
  return method;
}

/** The method in an installation with that environment. */
function methodOf(ref: MethodRef, environment: Environment): AuthMethod {
  const method = createProviders({ environment, fetch, clock: systemClock }).get(ref.provider)?.methods[ref.method];
  if (!method) throw new Error(`${ref.provider} has no method ${ref.method}.`);
  return method;
}

function settingsOf(ref: MethodRef, environment: Environment): RegionSettings {
  const { provider, region } = manifestsOf(ref);
  const settings = resolveSettings(provider, environment).regions.get(region);
  if (!settings) throw new Error(`${ref.provider} has no region ${region}.`);
  return settings;
}

export const redirectUriOf = (ref: MethodRef, environment: Environment = {}): string =>
  redirectUriFor(settingsOf(ref, environment), redirectManifest(ref).callbackPath, PUBLIC_URL);

/** Where the API would send the browser; `changed` replaces single parameters, and an empty one leaves it out. */
export function authorizeUrlOf(
  ref: MethodRef,
  environment: Environment,
  challenge: string,
  changed: Readonly<Record<string, string>> = {},
): URL {
  const method = redirectManifest(ref);
  const region = settingsOf(ref, environment);
  const url = new URL(region.urls['authorize'] ?? '');
  const parameters = {
    ...method.authorizeParameters,
    client_id: region.values['clientId'] ?? '',
    redirect_uri: redirectUriOf(ref, environment),
    response_type: 'code',
    scope: scopesFor(region, method).join(' '),
    state: 'the-state-is-checked-elsewhere',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changed,
  };
  url.search = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== '')).toString();
  return url;
}

/** A server that plays the cloud of a redirect method. */
export interface RedirectServer {
  readonly environment: Environment;
  /** Whose account signs in. */
  readonly account: string;
  /** Whether it revokes tokens on request; left out: no. */
  readonly revokes?: boolean;
  /** Signs in and approves; answers the URL of the redirect back. */
  readonly decide: (authorizeUrl: URL) => Promise<URL>;
  readonly close: () => Promise<void>;
}

/** The contract of a redirect method on any server that plays its cloud. What the manifest says is not said again. */
export function redirectMethodOn(
  name: string,
  ref: MethodRef,
  start: () => Promise<RedirectServer>,
  traits: RedirectMethodTraits = {},
): void {
  const manifest = redirectManifest(ref);
  const scopes = scopesFor(settingsOf(ref, {}), manifest);
  redirectMethodContract(name, manifest, async () => redirectHarness(ref, await start()), { scopes, ...traits });
}

/** The contract of a redirect method on the sandbox; `person` signs in there, left out: by the account's own id. */
export function redirectMethodOnSandbox(
  ref: MethodRef,
  { account, person, ...traits }: RedirectMethodTraits & { account: string; person?: string },
): void {
  const start = async (): Promise<RedirectServer> => {
    const { environment, cloud, close } = await startSandbox();
    const decide = async (url: URL) => await cloud.decide(url, { account: person ?? account });
    const revokes = (await cloud.endpoints())[ref.provider]?.includes('revoke') ?? false;
    return { environment, account, revokes, decide, close };
  };
  redirectMethodOn(`${ref.provider} ${ref.method}, on the sandbox`, ref, start, traits);
}

function redirectHarness(ref: MethodRef, server: RedirectServer): RedirectMethodHarness {
  const { environment, account, revokes = false, decide, close } = server;
  const { region, urls, settings } = { ...manifestsOf(ref), ...settingsOf(ref, environment).manifest };
  const replacedBy = (variable: string | undefined, value: string | undefined): Environment =>
    variable === undefined || value === undefined ? {} : { [variable]: value };
  return {
    region,
    redirectUri: redirectUriOf(ref, environment),
    account,
    method: ({ clientSecret, tokenUrl } = {}) =>
      methodOf(ref, {
        ...environment,
        ...replacedBy(settings['clientSecret']?.names[0], clientSecret),
        ...replacedBy(urls['token']?.variable, tokenUrl),
      }),
    serverRevokes: revokes,
    async signIn(challenge) {
      const { searchParams } = await decide(authorizeUrlOf(ref, environment, challenge));
      return { code: searchParams.get('code') ?? '', iss: searchParams.get('iss') };
    },
    close,
  };
}

/** What a test says of a form method; what the manifest says is not said again. */
export interface FormServer extends Pick<
  FormMethodHarness,
  'account' | 'revocation' | 'submit' | 'wrong' | 'withdraw' | 'close'
> {
  readonly environment: Environment;
}

/** The contract of a form method on any server that plays its cloud; `variant` where the form has several. */
export function formMethodOn(
  name: string,
  ref: MethodRef & { readonly variant?: string },
  start: () => Promise<FormServer>,
): void {
  formMethodContract(name, async () => {
    const { environment, ...server } = await start();
    const { region } = manifestsOf(ref);
    const variables = Object.values(settingsOf(ref, environment).manifest.urls).map(({ variable }) => variable);
    return {
      ...server,
      region,
      manifest: formManifest(ref),
      ...(ref.variant !== undefined && { variant: ref.variant }),
      method: ({ cloudUrl } = {}) => {
        const moved = cloudUrl === undefined ? [] : variables.map((variable) => [variable, cloudUrl] as const);
        return methodOf(ref, { ...environment, ...Object.fromEntries(moved) });
      },
    };
  });
}

/** The contract of a form method on the sandbox. */
export function formMethodOnSandbox(
  ref: MethodRef & { readonly variant?: string },
  prepare: (cloud: SandboxClient) => FormOnSandbox | Promise<FormOnSandbox>,
): void {
  const name = [ref.provider, ref.method, ...(ref.variant === undefined ? [] : [ref.variant])].join(' ');
  formMethodOn(`${name}, on the sandbox`, ref, async () => {
    const { environment, cloud, close } = await startSandbox();
    return { environment, close, ...(await prepare(cloud)) };
  });
}

/** Whose account it is, what revoking comes to, a right and a wrong submission, and how a customer takes it back. */
type FormOnSandbox = Pick<FormServer, 'account' | 'revocation' | 'submit' | 'wrong'> & {
  readonly withdraw: (record: JsonObject) => Promise<void>;
};

async function startSandbox() {
  const sandbox = createSandbox();
  const url = await sandbox.listen();
  return {
    environment: sandboxEnvironment(url),
    cloud: createSandboxClient(url),
    close: async () => await sandbox.close(),
  };
}
