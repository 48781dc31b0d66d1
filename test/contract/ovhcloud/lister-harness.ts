import { createCli, type Cli } from '../../../providers/cli/run-cli.ts';
import { createHttp } from '../../../providers/http/http.ts';
import type { ListContext, ListFailure, Listing, Loss, ResourceLister } from '../../../providers/listing/lister.ts';
import { createOvhLister, type OvhListerDependencies } from '../../../providers/ovh/discovery/lister.ts';
import { manifest } from '../../../providers/ovh/manifest.ts';
import { resolveSettings } from '../../../providers/manifests/settings.ts';
import { systemClock } from '../../../platform/clock.ts';
import type { JsonObject } from '../../../platform/json.ts';
import { Secret } from '../../../platform/secret.ts';
import { buildStandIn } from '../../../sandbox/ovhcloud/build.ts';
import type { InventoryRow } from '../../../stores/inventory/port.ts';

/** The stand-in, or the real program by its path: both must list the same. */
export const testProgram = async (): Promise<string> => process.env['OVHCLOUD_TEST_PROGRAM'] ?? (await buildStandIn());

export const startCli = (): Cli => createCli({ environment: process.env, graceMs: 200 });

/** A path at which there is no program: lists then come over REST. */
export const noProgram = '/nowhere/ovhcloud';

export function listerWith(
  deps: Pick<OvhListerDependencies, 'cli' | 'program'> & Partial<OvhListerDependencies>,
): ResourceLister {
  const http = createHttp({ fetch, deadlineMs: 10_000, redacts: 'everything' });
  return createOvhLister({ http, clock: systemClock, ...deps });
}

/** A clock that goes on only while the lister waits, and how long that was. */
export function createWaitingClock(startsAtMs = Date.now()) {
  let nowMs = startsAtMs;
  let waitedMs = 0;
  return {
    now: () => nowMs,
    pause: async (milliseconds: number): Promise<void> => {
      waitedMs += milliseconds;
      nowMs += milliseconds;
      await Promise.resolve();
    },
    secondsWaited: () => waitedMs / 1000,
  };
}

/** What a list of one kind came to. */
export interface ListedKind {
  readonly rows: readonly InventoryRow[];
  readonly complete: boolean;
  readonly losses: readonly Loss[];
  /** Set where nothing of the kind could be read. */
  readonly failure: ListFailure | null;
  readonly source: string;
  readonly notice: Listing['notice'];
}

export async function listedBy(
  lister: ResourceLister,
  context: ListContext,
  kind: string,
  projectId: string | null,
): Promise<ListedKind> {
  return listedIn(await lister.list(context, { list: kind, kinds: [kind], projectId }));
}

export function listedIn({ kinds, source, notice }: Listing): ListedKind {
  const [only] = kinds;
  if (!only || kinds.length > 1) throw new Error(`OVHcloud lists one kind at a time, and here were ${kinds.length}.`);
  const none = { rows: [], complete: false, losses: [], failure: null, source, notice };
  if (only.outcome === 'failed') return { ...none, failure: only.failure };
  return { ...none, rows: only.rows, losses: only.losses, complete: only.losses.length === 0 };
}

const tokenRecord: JsonObject = { auth_method: 'authorization_code', access_token: 'at-0123456789' };
export const keysRecord: JsonObject = {
  auth_method: 'api_credentials',
  application_key: 'ak-0123456789',
  application_secret: 'as-0123456789',
  consumer_key: 'ck-0123456789',
};

export function contextAt(
  endpoint: string,
  record: JsonObject = tokenRecord,
  signal = new AbortController().signal,
): ListContext {
  const region = resolveSettings(manifest, { OVH_EU_API_URL: endpoint }).regions.get('ovh-eu');
  if (region === undefined) throw new Error('The manifest has no region ovh-eu.');
  return { connectionId: 'con_abcdefghijklmnopqrstuvwxyz', region, record: new Secret(record), signal };
}
