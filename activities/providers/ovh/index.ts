import type { Clock } from '../../../platform/clock.ts';
import { createHttp } from '../http.ts';
import type { Provider } from '../provider.ts';
import type { ProviderSettings } from '../settings.ts';
import { authorizationCode } from './authorization-code.ts';

export interface OvhDependencies {
  readonly settings: ProviderSettings;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** Of one HTTP call; default: what the refresh protocol is built around. */
  readonly deadlineMs?: number;
}

/** OVHcloud: three regions, one OAuth2 application in each. */
export function createOvhProvider({ settings, fetch, clock, deadlineMs }: OvhDependencies): Provider {
  const http = createHttp({ fetch, ...(deadlineMs !== undefined && { deadlineMs }) });
  return {
    manifest: settings.manifest,
    methods: { authorization_code: authorizationCode({ settings, http, clock }) },
  };
}
