import type { SandboxClient } from '../../sandbox/client.ts';
import { eachAtOnce } from '../support/wait.ts';
import { approve, bareCloud, redeem } from './cloud.ts';

/** The requests of one list: the index first, then what it names, level by level. */
export interface ListRequests {
  readonly name: string;
  readonly levels: readonly (readonly string[])[];
}

/** As many as the product asks for at once within one list. */
const DETAILS_AT_ONCE = 10;

/**
 * Sorts the addresses that a cloud was asked for into lists: what stands below the same collection of the same project
 * is one list, and deeper addresses depend on shallower ones. Other addresses are left out.
 */
export function listsOf(addresses: readonly string[]): ListRequests[] {
  const lists = new Map<string, Map<number, Set<string>>>();
  for (const line of addresses) {
    const [method, address = ''] = line.split(' ', 2);
    const name =
      /^\/[^/]+\/(?:1\.0|v2)\/((?:cloud\/project\/[^/]+|dedicated|iam)\/[^/?]+|cloud\/project(?=\?|$)|vps|ip|vrack)/.exec(
        address,
      )?.[1];
    if (method !== 'GET' || name === undefined) continue;
    const depth = address.split('?', 1)[0]?.split('/').length ?? 0;
    const levels = lists.get(name) ?? new Map<number, Set<string>>();
    const level = levels.get(depth) ?? new Set<string>();
    lists.set(name, levels.set(depth, level.add(address)));
  }
  return [...lists].map(([name, levels]) => ({
    name,
    levels: [...levels].toSorted(([one], [other]) => one - other).map(([, level]) => [...level]),
  }));
}

/** Makes the same requests straight at the cloud, one list after the other. Answers the milliseconds of each list. */
export async function listOneByOne(
  sandbox: SandboxClient,
  variables: Readonly<Record<string, string>>,
  account: string,
  lists: readonly ListRequests[],
): Promise<ReadonlyMap<string, number>> {
  const cloud = bareCloud(variables);
  const authorizeUrl = variables['OVH_EU_AUTHORIZE_URL'] ?? '';
  const { access_token } = await redeem(cloud, await approve(sandbox, authorizeUrl, cloud.clientId, account));
  const { origin } = new URL(cloud.apiUrl);
  const headers = { authorization: `Bearer ${access_token}` };
  const durations = new Map<string, number>();
  for (const { name, levels } of lists) {
    const startedAt = performance.now();
    for (const level of levels) {
      await eachAtOnce(level, DETAILS_AT_ONCE, async (address) => {
        const response = await fetch(`${origin}${address}`, { headers });
        await response.arrayBuffer();
      });
    }
    durations.set(name, performance.now() - startedAt);
  }
  return durations;
}
