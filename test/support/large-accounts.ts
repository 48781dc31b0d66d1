import type { SandboxClient } from '../../sandbox/client.ts';
import { awsPartitions } from '../../sandbox/clouds/aws/accounts.ts';

export interface LargeAccount {
  readonly cloud: string;
  /** By the name in `waysIn`. */
  readonly way: string;
  readonly kind: string;
  /** Gives the account so many resources of the kind. */
  readonly grow: (cloud: SandboxClient, size: number) => Promise<unknown>;
}

/** One on each cloud that can be made large. */
export const largeAccounts: readonly LargeAccount[] = [
  {
    cloud: 'OVHcloud',
    way: 'OVHcloud, sign-in',
    kind: 'volume',
    async grow({ ovh }, size) {
      const [project] = await ovh.projects();
      await ovh.resize(project?.id ?? '', { volume: size });
    },
  },
  {
    cloud: 'AWS',
    way: 'AWS, role',
    kind: 'instance',
    async grow({ aws }, size) {
      const [partition] = awsPartitions;
      const account = partition?.customers[0].id ?? '';
      await aws.resize({ account, region: partition?.region ?? '' }, { instances: size });
    },
  },
  {
    cloud: 'Azure',
    way: 'Azure, service principal',
    kind: 'instance',
    async grow({ azure }, size) {
      const [subscription] = await azure.subscriptions();
      await azure.resize(subscription?.id ?? '', { instance: size });
    },
  },
  {
    cloud: 'Google Cloud',
    way: 'Google Cloud, sign-in',
    kind: 'instance',
    async grow({ gcp }, size) {
      const [project] = (await gcp.inventory()).projects;
      await gcp.resize(project?.projectId ?? '', { instance: size });
    },
  },
];
