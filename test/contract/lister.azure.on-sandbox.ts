import { createHttp } from '../../providers/http/http.ts';
import { createAzureLister } from '../../providers/azure/discovery/lister.ts';
import { manifest } from '../../providers/azure/manifest.ts';
import type { ListContext, Listing, ResourceLister } from '../../providers/listing/lister.ts';
import { plainLister } from '../../providers/plain-answers.ts';
import { resolveSettings } from '../../providers/manifests/settings.ts';
import { Secret } from '../../platform/secret.ts';
import type { JsonObject } from '../../platform/json.ts';
import type { InventoryRow } from '../../stores/inventory/port.ts';
import { createSandboxClient, type SandboxClient } from '../../sandbox/client.ts';
import { createSandbox, sandboxEnvironment } from '../../sandbox/sandbox.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

/** Azure's lister on a sandbox, as a service principal with the role Reader on one subscription or more. */
export interface AzureListerOnSandbox {
  readonly cloud: SandboxClient;
  readonly url: string;
  readonly lister: ResourceLister;
  readonly clock: ManualClock;
  readonly principal: { readonly clientId: string; readonly token: string };
  /** By name. */
  readonly ids: Readonly<Record<string, string>>;
  context(options?: { signal?: AbortSignal; record?: JsonObject; region?: string; connectionId?: string }): ListContext;
  /** All kinds of a subscription, by its name. */
  list(subscription: string, kinds?: readonly string[]): Promise<Listing>;
  secondsWaited(): number;
  close(): Promise<void>;
}

const noResources = {
  instance: 0,
  volume: 0,
  kubernetes: 0,
  database: 0,
  object_storage: 0,
  load_balancer: 0,
  function: 0,
  registry: 0,
  private_network: 0,
  container_service: 0,
};

export async function startAzureLister(
  options: { roles?: readonly string[]; deadlineMs?: number; isEmpty?: boolean } = {},
): Promise<AzureListerOnSandbox> {
  const { roles = ['Production'], deadlineMs = 10_000, isEmpty = false } = options;
  const sandbox = createSandbox();
  const url = await sandbox.listen();
  const cloud = createSandboxClient(url);
  const settings = resolveSettings(manifest, sandboxEnvironment(url));
  const clock = createManualClock();
  let waitedMs = 0;
  const pause = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    waitedMs += milliseconds;
    clock.advance(milliseconds / 1000);
    // The cloud's own clock goes on too, or a quota would never be renewed.
    await cloud.change({ core: { clockOffsetSeconds: Math.ceil(waitedMs / 1000) } });
  };
  const lister = plainLister(createAzureLister({ http: createHttp({ fetch, deadlineMs }), clock, pause }));

  const { clientId, tenantId, secret } = await cloud.azure.addServicePrincipal('lister');
  await cloud.azure.assignRoles(clientId, roles);
  const subscriptions = await cloud.azure.subscriptions();
  const ids = Object.fromEntries(subscriptions.map(({ id, name }) => [name, id]));
  if (isEmpty) await Promise.all(subscriptions.map(({ id }) => cloud.azure.resize(id, noResources)));
  const token = await mint(url, { clientId, tenantId, secret: secret?.value ?? '' });

  const context: AzureListerOnSandbox['context'] = (of = {}) => {
    const region = settings.regions.get(of.region ?? 'global');
    if (!region) throw new Error(`Azure has no cloud ${of.region}.`);
    const record = { access_token: token, tenant_id: tenantId, client_id: clientId, ...of.record };
    const { signal = new AbortController().signal, connectionId = 'con-lister' } = of;
    return { connectionId, region, record: new Secret<JsonObject>(record), signal };
  };

  return {
    cloud,
    url,
    lister,
    clock,
    principal: { clientId, token },
    ids,
    context,
    list: async (subscription, kinds = lister.lists.flatMap((one) => one.kinds)) =>
      await lister.list(context(), { list: 'resources', kinds, projectId: ids[subscription] ?? null }),
    secondsWaited: () => waitedMs / 1000,
    close: () => sandbox.close(),
  };
}

async function mint(url: string, of: { clientId: string; tenantId: string; secret: string }): Promise<string> {
  const response = await fetch(`${url}/azure/global/${of.tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: of.clientId,
      client_secret: of.secret,
      scope: 'https://management.azure.com/.default',
    }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

export function rowsOf(listing: Listing, kind: string): readonly InventoryRow[] {
  const found = listing.kinds.find((one) => one.kind === kind);
  return found?.outcome === 'listed' ? found.rows : [];
}

export const allRows = (listing: Listing): readonly InventoryRow[] =>
  listing.kinds.flatMap((one) => (one.outcome === 'listed' ? one.rows : []));

/** What is missing of a listing: kinds that failed and losses, by kind. */
export const troubles = (listing: Listing): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    listing.kinds.flatMap((one) => {
      const causes = one.outcome === 'failed' ? [one.failure] : one.losses;
      return causes.length === 0 ? [] : [[one.kind, causes.map(({ problem }) => problem.code)]];
    }),
  );
