import { setTimeout as delay } from 'node:timers/promises';

import type { Clock } from '../../platform/clock.ts';
import { createHttp } from '../http/http.ts';
import type { ProviderSettings } from '../manifests/settings.ts';
import type { Provider } from '../provider.ts';
import { authorizationCode } from './authorization-code.ts';
import { createGcpLister } from './discovery/lister.ts';
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

/** Of one call of a list: a page of 500 resources takes its time, and no token is spent. */
const LIST_CALL_DEADLINE_MS = 30_000;

/** Google Cloud: people who sign in, for everything or to read, and service accounts. */
export function createGcpProvider({ fetch, deadlineMs, ...rest }: GcpDependencies): Provider {
  const { settings, clock } = rest;
  const { requestIdHeaders } = settings.manifest;
  const http = createHttp({ fetch, requestIdHeaders, ...(deadlineMs !== undefined && { deadlineMs }) });
  const deps = { ...rest, http };
  return {
    manifest: settings.manifest,
    methods: {
      authorization_code: authorizationCode(deps, 'authorization_code'),
      authorization_code_readonly: authorizationCode(deps, 'authorization_code_readonly'),
      service_account: serviceAccount(deps),
    },
    discovery: {
      lister: createGcpLister({
        http: createHttp({ fetch, deadlineMs: deadlineMs ?? LIST_CALL_DEADLINE_MS, requestIdHeaders }),
        clock,
        pause: async (milliseconds, signal) => {
          await delay(milliseconds, undefined, { signal });
        },
      }),
      regions: settings.regions,
    },
  };
}
