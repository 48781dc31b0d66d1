import { createOvhProvider } from '../../providers/ovh/index.ts';
import { manifest } from '../../providers/ovh/manifest.ts';
import type { FormMethodManifest } from '../../providers/manifests/types.ts';
import type { AuthMethod } from '../../providers/provider.ts';
import { resolveSettings, type Environment } from '../../providers/manifests/settings.ts';
import { systemClock, type Clock } from '../../platform/clock.ts';
import { authorizeUrlOf, formManifest, redirectUriOf } from './provider.harness.ts';

const signIn = { provider: 'ovh', method: 'authorization_code' };

export const ovhRegion = 'ovh-eu';
export const ovhRedirectUri = redirectUriOf(signIn);

interface MethodOptions {
  readonly deadlineMs?: number;
  readonly clock?: Clock;
}

/** One of OVHcloud's methods in an installation with that environment. */
export function ovhMethod(id: string, environment: Environment, options: MethodOptions = {}): AuthMethod {
  const settings = resolveSettings(manifest, environment);
  const { methods } = createOvhProvider({ settings, fetch, clock: systemClock, ...options });
  const method = methods[id];
  if (!method) throw new Error(`The OVHcloud provider has no method ${id}.`);
  return method;
}

export const ovhSignIn = (environment: Environment, options?: MethodOptions): AuthMethod =>
  ovhMethod('authorization_code', environment, options);

export const ovhForm = (id: string): FormMethodManifest => formManifest({ provider: 'ovh', method: id });

export const ovhAuthorizeUrl = (environment: Environment, challenge: string): URL =>
  authorizeUrlOf(signIn, environment, challenge);
