import type { CloudId, CloudSettings } from './clouds/index.ts';
import { createAwsControl, type AwsControl } from './clouds/aws/control-client.ts';
import { createGcpControl, type GcpControl } from './clouds/gcp/control-client.ts';
import { createOvhControl, type OvhControl } from './clouds/ovh/control-client.ts';
import { createAzureControl, type AzureControl } from './clouds/azure/control-client.ts';
import type { FaultAction, FaultRule } from './core/faults.ts';
import type { Hold } from './core/holds.ts';
import type { CoreSettings } from './core/settings.ts';

export { deniedError, resourceError, throttledError } from './clouds/aws/resources/errors.ts';
export { entraFailure } from './clouds/azure/entra-errors.ts';
export { ovhFailures } from './clouds/ovh/api-errors.ts';

export type SandboxSettings = CloudSettings & { readonly core: CoreSettings };

export type SettingsPatch = { readonly [S in keyof SandboxSettings]?: Partial<SandboxSettings[S]> };

/** What an OAuth cloud counts; a name that never happened is 0. */
export interface OAuthCounters {
  readonly codesRedeemed: number;
  readonly codesRedeemedTwice: number;
  readonly accessTokensIssued: number;
  readonly refreshTokensIssued: number;
  readonly refreshTokensSpent: number;
  /** A refresh came when the access token of that grant had expired already. */
  readonly refreshedAfterExpiry: number;
  /** A spent refresh token came back, whatever was answered. */
  readonly refreshTokensSpentTwice: number;
  /** Of those, how many the grace window answered with the same successor. */
  readonly rotationsAnsweredAgain: number;
  readonly grantsRevoked: number;
  readonly revocations: number;
  /** By endpoint: `token.code`, `token.refresh`, `revoke`, `me`, … */
  readonly requests: Readonly<Record<string, number>>;
}

export interface AwsRoleInput {
  readonly name: string;
  /** An IAM trust policy document. */
  readonly trustPolicy: object;
  /** Left out: `aws`, and its first customer. */
  readonly partition?: string;
  readonly account?: string;
}

export interface SandboxClient {
  settings(): Promise<SandboxSettings>;
  change(patch: SettingsPatch): Promise<SandboxSettings>;
  counters(cloud?: CloudId): Promise<OAuthCounters>;
  /** Every endpoint that the simulated clouds name, by cloud. */
  endpoints(): Promise<Readonly<Record<string, readonly string[]>>>;
  /** Adds a rule to the end of the fault script; it hits one request unless `times` says otherwise. */
  fault(match: FaultRule['match'], action: FaultAction, times?: number | null): Promise<void>;
  clearFaults(): Promise<void>;
  /** Every secret that the clouds gave out or were given, by kind; also what is spent, expired or revoked. */
  issued(cloud?: CloudId): Promise<Readonly<Record<string, readonly string[]>>>;
  /** Method and address, with its query, of the newest requests; the control API's own are not among them. */
  addresses(): Promise<string[]>;
  holds(): Promise<Hold[]>;
  /** Resolves with the first request held at that endpoint; rejects when none is within the time. */
  waitForHold(endpoint: string, timeoutMs?: number): Promise<Hold>;
  release(hold: Hold): Promise<void>;
  reset(): Promise<void>;
  /** What the simulated OVHcloud accounts have. */
  readonly ovh: OvhControl;
  /** What customers of the simulated Google Cloud do. */
  readonly gcp: GcpControl;
  /** What customers of the simulated AWS have, and what their roles may list. */
  readonly aws: AwsControl;
  /** What customers of the simulated Azure do in its portal. */
  readonly azure: AzureControl;
  /** What a user does in the OVHcloud control panel: withdraws everything an account granted. Answers how many grants. */
  revokeOvhAccount(nichandle: string, region?: string): Promise<number>;
  /** What a customer does in IAM: makes a role, or changes its trust policy. Answers its ARN. */
  putAwsRole(role: AwsRoleInput): Promise<string>;
  deleteAwsRole(arn: string): Promise<void>;
  /** What a person does on a cloud's sign-in page. Answers the URL that the browser is sent back to. */
  decide(authorizeUrl: string | URL, decision?: { account?: string; decision?: 'approve' | 'refuse' }): Promise<URL>;
}

/** Speaks the control API of a sandbox, in this process or another. Rejects with the sandbox's own sentence. */
export function createSandboxClient(url: string, fetch: typeof globalThis.fetch = globalThis.fetch): SandboxClient {
  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${url}/_sandbox${path}`, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as T & { message?: string };
    if (!response.ok) throw new Error(`${method} ${path}: ${answer.message ?? response.statusText}`);
    return answer;
  }

  return {
    settings: () => call('GET', '/settings'),
    change: (patch) => call('PUT', '/settings', patch),
    async counters(cloud = 'ovh') {
      const counts = (await call<Record<string, Record<string, number>>>('GET', '/counters'))[cloud] ?? {};
      return oauthCounters(counts);
    },
    async endpoints() {
      const { simulated } = await call<{ simulated: Record<string, { endpoints: string[] }> }>('GET', '/');
      return Object.fromEntries(Object.entries(simulated).map(([cloud, { endpoints }]) => [cloud, endpoints]));
    },
    fault: (match, action, times = 1) => call('POST', '/faults', { match, times, action }),
    clearFaults: () => call('DELETE', '/faults'),
    async issued(cloud = 'ovh') {
      return (await call<Record<string, Record<string, string[]>>>('GET', '/issued'))[cloud] ?? {};
    },
    addresses: () => call('GET', '/addresses'),
    holds: () => call('GET', '/holds'),
    async waitForHold(endpoint, timeoutMs = 10_000) {
      const deadline = Date.now() + timeoutMs;
      for (let left = timeoutMs; left > 0; left = deadline - Date.now()) {
        const query = new URLSearchParams({ wait: String(left), endpoint });
        const [hold] = await call<Hold[]>('GET', `/holds?${query.toString()}`);
        if (hold) return hold;
      }
      throw new Error(`No request was held at ${endpoint} within ${timeoutMs} ms.`);
    },
    release: (hold) => call('POST', `/holds/${hold.id}/release`),
    reset: () => call('POST', '/reset'),
    aws: createAwsControl(call),
    azure: createAzureControl(call),
    ovh: createOvhControl(call, fetch),
    gcp: createGcpControl(call, url),
    async revokeOvhAccount(nichandle, region) {
      const path = `/ovh/accounts/${encodeURIComponent(nichandle)}/revoke`;
      return (await call<{ revoked: number }>('POST', path, region === undefined ? {} : { region })).revoked;
    },
    putAwsRole: async (role) => (await call<{ arn: string }>('PUT', '/aws/roles', role)).arn,
    deleteAwsRole: (arn) => call('DELETE', '/aws/roles', { arn }),
    async decide(authorizeUrl, { account = 'la12345-ovh', decision = 'approve' } = {}) {
      const response = await fetch(authorizeUrl, {
        method: 'POST',
        body: new URLSearchParams({ account, decision }),
        redirect: 'manual',
      });
      const location = response.headers.get('location');
      if (location === null) throw new Error(`The sign-in page answered ${response.status}: ${await response.text()}`);
      return new URL(location);
    },
  };
}

const counted = [
  'codesRedeemed',
  'codesRedeemedTwice',
  'accessTokensIssued',
  'refreshTokensIssued',
  'refreshTokensSpent',
  'refreshedAfterExpiry',
  'refreshTokensSpentTwice',
  'rotationsAnsweredAgain',
  'grantsRevoked',
  'revocations',
] as const satisfies readonly (keyof OAuthCounters)[];

function oauthCounters(counts: Record<string, number>): OAuthCounters {
  const requests = Object.entries(counts)
    .filter(([name]) => name.startsWith('requests.'))
    .map(([name, count]) => [name.slice('requests.'.length), count] as const);
  return {
    ...(Object.fromEntries(counted.map((name) => [name, counts[name] ?? 0])) as Record<
      (typeof counted)[number],
      number
    >),
    requests: Object.fromEntries(requests),
  };
}
