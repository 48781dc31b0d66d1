import type { Clock } from '../platform/clock.ts';
import { createAwsProvider } from './aws/index.ts';
import { manifest as aws } from './aws/manifest.ts';
import { createAzureProvider } from './azure/index.ts';
import { manifest as azure } from './azure/manifest.ts';
import type { Cli } from './cli/run-cli.ts';
import { createGcpProvider } from './gcp/index.ts';
import { manifest as gcp } from './gcp/manifest.ts';
import { resolveSettings, type Environment, type ProviderSettings } from './manifests/settings.ts';
import type { ProviderManifest } from './manifests/types.ts';
import { createOvhProvider } from './ovh/index.ts';
import { manifest as ovh } from './ovh/manifest.ts';
import { withPlainAnswers } from './plain-answers.ts';
import type { Provider } from './provider.ts';

export interface ProviderDependencies {
  readonly environment: Environment;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** Runs the clouds' own programs; absent in a process that lists nothing. */
  readonly cli?: Cli;
}

type Create = (deps: Omit<ProviderDependencies, 'environment'> & { settings: ProviderSettings }) => Provider;

/** Every provider, one line each; `manifests/all.ts` has the same list without the code that acts. */
const factories: readonly (readonly [ProviderManifest, Create])[] = [
  [aws, createAwsProvider],
  [azure, createAzureProvider],
  [gcp, createGcpProvider],
  [ovh, createOvhProvider],
];

/** The providers by id, with this installation's settings. */
export function createProviders({ environment, ...deps }: ProviderDependencies): ReadonlyMap<string, Provider> {
  return new Map(
    factories.map(([manifest, create]) => [
      manifest.id,
      withPlainAnswers(create({ settings: resolveSettings(manifest, environment), ...deps })),
    ]),
  );
}
