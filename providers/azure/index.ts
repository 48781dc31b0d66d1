import type { Clock } from '../../platform/clock.ts';
import { createHttp } from '../http/http.ts';
import type { ProviderSettings } from '../manifests/settings.ts';
import type { Provider } from '../provider.ts';
import { authorizationCode } from './authorization-code.ts';
import { clientSecret } from './client-secret.ts';
import { createAzureLister } from './discovery/lister.ts';
import { realPause } from './discovery/pace.ts';

export interface AzureDependencies {
  readonly settings: ProviderSettings;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** Of one HTTP call; default: what the refresh protocol is built around. */
  readonly deadlineMs?: number;
}

/** Of one request of a list. Resource Graph itself gives up a query after 30 seconds. */
const LIST_DEADLINE_MS = 40_000;

/** Microsoft Azure: people who sign in, and service principals. */
export function createAzureProvider({ settings, fetch, clock, deadlineMs }: AzureDependencies): Provider {
  const { requestIdHeaders } = settings.manifest;
  const http = createHttp({ fetch, requestIdHeaders, ...(deadlineMs !== undefined && { deadlineMs }) });
  const deps = { settings, http, clock };
  return {
    manifest: settings.manifest,
    methods: {
      authorization_code: authorizationCode(deps),
      client_secret: clientSecret(deps),
    },
    discovery: {
      lister: createAzureLister({
        http: createHttp({ fetch, deadlineMs: LIST_DEADLINE_MS, requestIdHeaders }),
        clock,
        pause: realPause,
      }),
      regions: settings.regions,
    },
  };
}
