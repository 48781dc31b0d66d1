import type { FaultAction } from '../../sandbox/core/faults.ts';
import { listerContract } from './lister.contract.ts';
import type { CloudUnderTest, Failing } from './lister.harness.ts';
import { startAzureLister } from './lister.azure.on-sandbox.ts';

const SUBSCRIPTION = 'Production';
/** The two ways to list a subscription; the second is gone where the first fails. */
const LISTS = ['resource-graph', 'resources.list'] as const;
const READ: Readonly<Record<string, readonly string[]>> = { volume: ['Microsoft.Compute/disks/read'] };

listerContract('Azure', {
  // Pages of Resource Graph have 1,000 rows.
  paged: { kind: 'volume', count: 2500 },
  leftOut: {},
  start,
});

async function start(): Promise<CloudUnderTest> {
  const azure = await startAzureLister({ roles: [SUBSCRIPTION], deadlineMs: 1_000, isEmpty: true });
  const { cloud, lister, principal, ids } = azure;
  const projectId = ids[SUBSCRIPTION] ?? '';
  const { kinds = [] } = lister.lists[0] ?? {};
  const sizes = new Map<string, number>();

  const onLists = async (action: (endpoint: string) => FaultAction, times: number | null = null) => {
    // Of two faults the first would count.
    await cloud.clearFaults();
    for (const endpoint of LISTS) await cloud.fault({ endpoint }, action(endpoint), times);
    return kinds;
  };
  const breakPages = async (how: 'repeat' | 'cycle') => {
    await cloud.change({ azure: { brokenPages: { 'resource-graph': how } } });
    return kinds;
  };

  return {
    lister,
    projectId,
    context: (signal) => azure.context({ signal }),
    async seed(kind, count) {
      const size = (sizes.get(kind) ?? 0) + count;
      sizes.set(kind, size);
      await cloud.azure.resize(projectId, { [kind]: size });
    },
    async calls() {
      const { requests } = await cloud.counters('azure');
      const counted = Object.entries(requests).filter(([endpoint]) => !endpoint.startsWith('token.'));
      return counted.reduce((sum, [, count]) => sum + count, 0);
    },
    secondsWaited: () => azure.secondsWaited(),
    secrets: [principal.token],
    close: () => azure.close(),
    faults: {
      fail: async (_kind, how) => await onLists(() => answered(how, principal.token), how.times ?? null),
      async endCredential() {
        const body = { error: { code: 'InvalidAuthenticationToken', message: 'The access token is invalid.' } };
        await cloud.fault({ cloud: 'azure' }, { kind: 'respond', status: 401, body }, null);
      },
      async deny(kind) {
        const actions = READ[kind] ?? [];
        await cloud.azure.deny(principal.clientId, actions);
        return { kinds: [kind], action: actions[0] ?? null };
      },
      hang: async () => await onLists(() => ({ kind: 'hold_before' })),
      repeatToken: async () => await breakPages('repeat'),
      cycleTokens: async () => await breakPages('cycle'),
      async badRow(kind) {
        const found = (await cloud.azure.resources(projectId)).map(({ id }) => (typeof id === 'string' ? id : ''));
        const disk = found.find((id) => id.includes('Microsoft.Compute/disks')) ?? '';
        await cloud.azure.changeResource(disk, { id: 7 });
        return [kind];
      },
      noRows: async () =>
        await onLists((endpoint) => ({ kind: 'alter', unset: [endpoint === 'resource-graph' ? 'data' : 'value'] })),
      remove: async (_kind, id) => await cloud.azure.deleteResource(id),
    },
  };
}

/** In the form of Azure Resource Manager; a broken proxy also repeats what it was sent. */
function answered({ status, retryAfterSeconds, echo }: Failing, token: string): FaultAction {
  const code = { 403: 'AuthorizationFailed', 429: 'TooManyRequests', 500: 'InternalServerError' }[status];
  const message = `Scripted.${echo ? ` You sent: authorization: Bearer ${token}` : ''}`;
  const headers = retryAfterSeconds === undefined ? {} : { headers: { 'retry-after': String(retryAfterSeconds) } };
  return { kind: 'respond', status, body: { error: { code, message } }, ...headers };
}
