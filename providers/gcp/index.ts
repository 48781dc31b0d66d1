import type { Clock } from '../../platform/clock.ts';
import { createHttp } from '../http/http.ts';
import type { ProviderSettings } from '../manifests/settings.ts';
import type { Provider } from '../provider.ts';
import { authorizationCode } from './authorization-code.ts';
import { serviceAccount } from './service-account.ts';

export interface GcpDependencies {
  readonly settings: ProviderSettings;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** Of one HTTP call; default: what the refresh protocol is built around. */
  readonly deadlineMs?: number;
  /** Of all pages of a list together. */
  readonly listDeadlineMs?: number;
}

/** Google Cloud: people who sign in, for everything or to read, and service accounts. */
export function createGcpProvider({ fetch, deadlineMs, ...rest }: GcpDependencies): Provider {
  const http = createHttp({ fetch, ...(deadlineMs !== undefined && { deadlineMs }) });
  const deps = { ...rest, http };
  return {
    manifest: rest.settings.manifest,
    methods: {
      authorization_code: authorizationCode(deps, 'authorization_code'),
      authorization_code_readonly: authorizationCode(deps, 'authorization_code_readonly'),
      service_account: serviceAccount(deps),
    },
  };
}
