import type { Clock } from '../../platform/clock.ts';
import type { Cli } from '../cli/run-cli.ts';
import { createHttp } from '../http/http.ts';
import type { ProviderSettings } from '../manifests/settings.ts';
import type { Provider } from '../provider.ts';
import { apiCredentials } from './api-credentials.ts';
import { authorizationCode } from './authorization-code.ts';
import { clientCredentials } from './client-credentials.ts';
import { createOvhLister } from './discovery/lister.ts';

export interface OvhDependencies {
  readonly settings: ProviderSettings;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** Of one HTTP call; default: what the refresh protocol is built around. */
  readonly deadlineMs?: number;
  /** Runs `ovhcloud`; absent in a process that lists nothing. */
  readonly cli?: Cli;
}

/** Of one request of a list: long lists take their time, and no token is spent. */
const LIST_DEADLINE_MS = 60_000;

/** OVHcloud: three regions, one OAuth2 application in each. */
export function createOvhProvider({ settings, fetch, clock, deadlineMs, cli }: OvhDependencies): Provider {
  const { requestIdHeaders } = settings.manifest;
  const http = createHttp({ fetch, requestIdHeaders, ...(deadlineMs !== undefined && { deadlineMs }) });
  return {
    manifest: settings.manifest,
    methods: {
      authorization_code: authorizationCode({ settings, http, clock }),
      client_credentials: clientCredentials({ settings, http, clock }),
      api_credentials: apiCredentials({ settings, http, clock }),
    },
    ...(cli && {
      discovery: {
        lister: createOvhLister({
          cli,
          program: settings.programs['ovhcloud'] ?? 'ovhcloud',
          http: createHttp({ fetch, deadlineMs: LIST_DEADLINE_MS, redacts: 'everything', requestIdHeaders }),
          clock,
        }),
        regions: settings.regions,
      },
    }),
  };
}
