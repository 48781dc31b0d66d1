import { randomBytes } from 'node:crypto';

import type { Clock } from '../../platform/clock.ts';
import { CALL_DEADLINE_MS, createHttp } from '../http/http.ts';
import type { ProviderSettings } from '../manifests/settings.ts';
import type { Provider } from '../provider.ts';
import { createOpenPartition } from './client.ts';
import type { WorkloadCredentials } from './client/sts.ts';
import { createAwsLister } from './discovery/lister.ts';
import { role } from './role.ts';

export interface AwsDependencies {
  readonly settings: ProviderSettings;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  readonly random?: (bytes: number) => Buffer;
  readonly deadlineMs?: number;
  /** Where our own credentials come from when the environment names none; default: the SDK's chain. */
  readonly workload?: WorkloadCredentials;
  /** How a list waits where AWS asks for fewer calls; default: by the machine's timers. */
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
  /** Of a list's calls; default: {@link LIST_DEADLINE_MS} and {@link CONNECT_DEADLINE_MS}. */
  readonly listDeadlineMs?: number;
  readonly connectDeadlineMs?: number;
}

/** A page of a long list takes its time, and nothing is spent by asking again. */
const LIST_DEADLINE_MS = 30_000;
/** A region that is cut off must not hold up a pass. */
const CONNECT_DEADLINE_MS = 5_000;

/** Amazon Web Services: roles that customers let us assume. */
export function createAwsProvider(deps: AwsDependencies): Provider {
  const { settings, fetch, clock, random = randomBytes, deadlineMs = CALL_DEADLINE_MS, workload } = deps;
  const { wait, listDeadlineMs = LIST_DEADLINE_MS, connectDeadlineMs = CONNECT_DEADLINE_MS } = deps;
  const { requestIdHeaders } = settings.manifest;
  const http = createHttp({ fetch, deadlineMs, requestIdHeaders });
  const open = createOpenPartition({ settings, workload, clock, http, deadlineMs });
  const listHttp = createHttp({
    fetch,
    deadlineMs: listDeadlineMs,
    connectDeadlineMs,
    keepsConnections: true,
    requestIdHeaders,
  });
  return {
    manifest: settings.manifest,
    methods: { role: role({ open, clock, random }) },
    discovery: {
      lister: createAwsLister({ open, http: listHttp, clock, ...(wait && { wait }) }),
      regions: settings.regions,
    },
    async identity(regionId) {
      const access = open(regionId);
      const { accountId, arn } = await access.ourselves(new AbortController().signal);
      const { urls, values } = access.region;
      const { roleTemplateUrl } = values;
      return {
        accountId,
        arn,
        ...(roleTemplateUrl !== undefined && { roleTemplateUrl, consoleUrl: urls['console'] ?? '' }),
      };
    },
  };
}
