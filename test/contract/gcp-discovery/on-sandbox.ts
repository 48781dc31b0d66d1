import { onTestFinished } from 'vitest';

import { systemClock } from '../../../platform/clock.ts';
import type { JsonObject } from '../../../platform/json.ts';
import { Secret } from '../../../platform/secret.ts';
import { plainLister } from '../../../providers/plain-answers.ts';
import { createGcpLister } from '../../../providers/gcp/discovery/lister.ts';
import { manifest } from '../../../providers/gcp/manifest.ts';
import { createHttp } from '../../../providers/http/http.ts';
import type { KindListing, ListContext, Listing, ResourceLister } from '../../../providers/listing/lister.ts';
import { resolveSettings, type Environment } from '../../../providers/manifests/settings.ts';
import { createSandboxClient, type SandboxClient } from '../../../sandbox/client.ts';
import { createSandbox, sandboxEnvironment } from '../../../sandbox/sandbox.ts';
import type { InventoryRow } from '../../../stores/inventory/port.ts';
import { ada, gcpGranted, gcpMethod, gcpRegion } from '../provider.gcp.harness.ts';

export const web = 'lindqvist-web';
export const webNumber = '101010101011';
export const mooringAccount = `mooring@${web}.iam.gserviceaccount.com`;

/** Google Cloud's lister on a sandbox. */
export interface ListerOnSandbox {
  readonly cloud: SandboxClient;
  /** Where the sandbox is. */
  readonly url: string;
  readonly lister: ResourceLister;
  /** How long it waited, each time. */
  readonly pauses: readonly number[];
  /** What was asked of Google, in order. */
  readonly requests: readonly { readonly url: URL; readonly quotaProject: string | null }[];
  /** The access token that the context sends. */
  readonly token: string;
  readonly context: (signal?: AbortSignal) => ListContext;
  /** One project's list of all kinds, or of some. */
  readonly list: (project?: string, kinds?: readonly string[]) => Promise<Listing>;
  readonly close: () => Promise<void>;
}

export interface ListerOptions {
  /** Left out: Ada's sign-in for everything. */
  readonly method?: 'authorization_code' | 'authorization_code_readonly' | 'service_account';
  readonly environment?: Environment;
  readonly deadlineMs?: number;
  /** Stands between the lister and the sandbox. */
  readonly around?: (send: typeof fetch) => typeof fetch;
}

export async function startLister(options: ListerOptions = {}): Promise<ListerOnSandbox> {
  const { method = 'authorization_code', deadlineMs = 5_000, around = (send) => send } = options;
  const sandbox = createSandbox();
  const url = await sandbox.listen();
  const environment = { ...sandboxEnvironment(url), ...options.environment };
  const cloud = createSandboxClient(url);
  const record = await recordOf(method, cloud, environment);
  const pauses: number[] = [];
  const requests: { url: URL; quotaProject: string | null }[] = [];

  const watched: typeof fetch = async (input, init) => {
    const headers = new Headers(init?.headers);
    requests.push({ url: new URL(input), quotaProject: headers.get('x-goog-user-project') });
    return await fetch(input, init);
  };
  const gcp = createGcpLister({
    http: createHttp({ fetch: around(watched), deadlineMs }),
    clock: systemClock,
    pause: (milliseconds, signal) => {
      signal.throwIfAborted();
      pauses.push(milliseconds);
      return Promise.resolve();
    },
  });
  const lister = plainLister(gcp);
  const region = resolveSettings(manifest, environment).regions.get(gcpRegion);
  if (!region) throw new Error('Google Cloud has no region.');
  const context = (signal = new AbortController().signal): ListContext => ({
    connectionId: 'con-sandbox',
    region,
    record: new Secret(record),
    signal,
  });
  return {
    cloud,
    url,
    lister,
    pauses,
    requests,
    token: record['access_token'] as string,
    context,
    list: async (project = web, kinds = lister.lists[0]?.kinds ?? []) =>
      await lister.list(context(), { list: 'resources', kinds, projectId: project }),
    close: async () => await sandbox.close(),
  };
}

/** Closed with the test. */
export async function listerForTest(options?: ListerOptions): Promise<ListerOnSandbox> {
  const started = await startLister(options);
  onTestFinished(async () => await started.close());
  return started;
}

async function recordOf(
  method: NonNullable<ListerOptions['method']>,
  cloud: SandboxClient,
  environment: Environment,
): Promise<JsonObject> {
  if (method === 'service_account') {
    const service_account_key = JSON.stringify(await cloud.gcp.createKey(mooringAccount));
    const { signal } = new AbortController();
    const record = new Secret<JsonObject>({ service_account_key });
    const of = { region: gcpRegion, connectionId: 'con-sandbox', record, signal };
    const minted = await gcpMethod(environment, method).refresh(of);
    return { service_account_key, ...minted.fields.reveal() };
  }
  const request = await gcpGranted(environment, (at) => cloud.decide(at, { account: ada.email }), { id: method });
  const issued = await gcpMethod(environment, method).exchange?.(request);
  if (!issued) throw new Error(`${method} has no exchange.`);
  return issued.fields.reveal();
}

export const kindIn = ({ kinds }: Listing, kind: string): KindListing => {
  const found = kinds.find((one) => one.kind === kind);
  if (!found) throw new Error(`The listing has nothing of the kind ${kind}.`);
  return found;
};

export function rowsIn(listing: Listing, kind?: string): readonly InventoryRow[] {
  const kinds = kind === undefined ? listing.kinds : [kindIn(listing, kind)];
  return kinds.flatMap((one) => (one.outcome === 'listed' ? one.rows : []));
}

export function lossesIn(listing: Listing, kind: string) {
  const found = kindIn(listing, kind);
  return found.outcome === 'listed' ? found.losses : [{ path: 'all of it', ...found.failure }];
}

/** Every kind that is not listed completely. */
export const troubledKinds = (listing: Listing): string[] =>
  listing.kinds.filter(({ kind }) => lossesIn(listing, kind).length > 0).map(({ kind }) => kind);
