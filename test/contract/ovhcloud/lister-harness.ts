import { createCli, type Cli } from '../../../providers/cli/run-cli.ts';
import { createHttp } from '../../../providers/http/http.ts';
import type { ListContext, ResourceLister } from '../../../providers/listing/lister.ts';
import { createOvhLister, type OvhListerDependencies } from '../../../providers/ovh/discovery/lister.ts';
import { manifest } from '../../../providers/ovh/manifest.ts';
import { resolveSettings } from '../../../providers/manifests/settings.ts';
import { systemClock } from '../../../platform/clock.ts';
import type { JsonObject } from '../../../platform/json.ts';
import { Secret } from '../../../platform/secret.ts';
import { buildStandIn } from '../../../sandbox/ovhcloud/build.ts';

/** The stand-in, or the real program by its path: both must list the same. */
export const testProgram = async (): Promise<string> => process.env['OVHCLOUD_TEST_PROGRAM'] ?? (await buildStandIn());

export const startCli = (): Cli => createCli({ environment: process.env, graceMs: 200 });

/** A path at which there is no program: lists then come over REST. */
export const noProgram = '/nowhere/ovhcloud';

export function listerWith(deps: Pick<OvhListerDependencies, 'cli' | 'program' | 'limits'>): ResourceLister {
  return createOvhLister({ http: createHttp({ fetch, deadlineMs: 10_000 }), clock: systemClock, ...deps });
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
  return { region, record: new Secret(record), signal };
}
