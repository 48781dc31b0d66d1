import { randomBytes } from 'node:crypto';

import type { Clock } from '../../platform/clock.ts';
import { CALL_DEADLINE_MS, createHttp } from '../http/http.ts';
import type { ProviderSettings } from '../manifests/settings.ts';
import type { Provider } from '../provider.ts';
import { createOpenPartition } from './client.ts';
import type { WorkloadCredentials } from './client/sts.ts';
import { role } from './role.ts';

export interface AwsDependencies {
  readonly settings: ProviderSettings;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  readonly random?: (bytes: number) => Buffer;
  readonly deadlineMs?: number;
  /** Where our own credentials come from when the environment names none; default: the SDK's chain. */
  readonly workload?: WorkloadCredentials;
}

/** Amazon Web Services: roles that customers let us assume. */
export function createAwsProvider(deps: AwsDependencies): Provider {
  const { settings, fetch, clock, random = randomBytes, deadlineMs = CALL_DEADLINE_MS, workload } = deps;
  const open = createOpenPartition({ settings, workload, clock, http: createHttp({ fetch, deadlineMs }), deadlineMs });
  return {
    manifest: settings.manifest,
    methods: { role: role({ open, clock, random }) },
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
