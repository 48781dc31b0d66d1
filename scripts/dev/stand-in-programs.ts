import { manifest as ovh } from '../../providers/ovh/manifest.ts';
import type { Environment } from '../../providers/manifests/settings.ts';
import { buildStandIn } from '../../sandbox/ovhcloud/build.ts';
import { simulatedRegions } from './stand-ins.ts';

/**
 * The variables that name stand-ins for the clouds' own programs. Where one region is real, so must the program be:
 * `ovhcloud` on the PATH, unless the environment names another.
 */
export async function standInPrograms(environment: Environment): Promise<Readonly<Record<string, string>>> {
  const isSimulated = simulatedRegions([ovh], environment).length === ovh.regions.length;
  return isSimulated && !environment['OVHCLOUD_PATH'] ? { OVHCLOUD_PATH: await buildStandIn() } : {};
}
