import type { Clock } from '../../platform/clock.ts';
import { createHttp } from '../http/http.ts';
import type { RedirectMethodManifest } from '../manifests/types.ts';
import type { Provider } from '../provider.ts';
import type { ProviderSettings } from '../manifests/settings.ts';
import { createOpenRegion } from './access.ts';
import { authorizationCode } from './authorization-code.ts';
import { clientSecret } from './client-secret.ts';

export interface AzureDependencies {
  readonly settings: ProviderSettings;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** Of one HTTP call; default: what the refresh protocol is built around. */
  readonly deadlineMs?: number;
}

/** Microsoft Azure: people who sign in, and service principals. */
export function createAzureProvider({ settings, fetch, clock, deadlineMs }: AzureDependencies): Provider {
  const http = createHttp({ fetch, ...(deadlineMs !== undefined && { deadlineMs }) });
  const open = createOpenRegion({ settings, http, clock });
  const [method] = settings.manifest.methods.filter((one): one is RedirectMethodManifest => one.flow === 'redirect');
  if (!method) throw new TypeError('The manifest has a method to sign in with.');
  return {
    manifest: settings.manifest,
    methods: {
      authorization_code: authorizationCode({ method, open, http, clock }),
      client_secret: clientSecret({ open, clock }),
    },
  };
}
