import { VERSION } from './client.ts';
import type { Command } from './command.ts';
import { cloudProjectFlag, filterFlag, outputFlags } from './flags.ts';
import * as listing from './listings.ts';
import { atAccount, expandedList, flatList, inProject } from './listings.ts';
import { printRows } from './output.ts';

type Run = NonNullable<Command['run']>;

const list = (short: string, run: Run): Command => ({
  name: 'list',
  short,
  aliases: ['ls'],
  flags: [filterFlag],
  run,
});
const group = (name: string, short: string, ...commands: Command[]): Command => ({ name, short, commands });
const inCloud = (name: string, short: string, ...commands: Command[]): Command => ({
  ...group(name, `${short} in the given cloud project`, ...commands),
  flags: [cloudProjectFlag],
});
/** Only named in the help of its group: the stand-in lists, and does nothing else. */
const unavailable = (name: string, short: string): Command => ({
  name,
  short,
  run: () => {
    throw new Error(`the stand-in for ovhcloud does not know how to run "${name}"`);
  },
});

const instance = inCloud(
  'instance',
  'Manage instances',
  unavailable('activate-monthly-billing', 'Activate monthly billing for the given instance'),
  unavailable('create', 'Create a new instance'),
  unavailable('delete', 'Delete the given instance'),
  unavailable('exit-rescue', 'Exit the given instance from rescue mode'),
  unavailable('get', 'Get a specific instance'),
  unavailable('interface', 'Manage interfaces of the given instance'),
  list('List your instances', expandedList(inProject('/instance'), 'id')),
  unavailable('reboot', 'Reboot the given instance'),
  unavailable('reboot-rescue', 'Reboot the given instance in rescue mode'),
  unavailable('reinstall', 'Reinstall the given instance'),
  unavailable('resume', 'Resume the given suspended instance'),
  unavailable('set-flavor', 'Migrate the given instance to the specified flavor'),
  unavailable('set-name', 'Set the name of the given instance'),
  unavailable('shelve', 'Shelve the given instance'),
  unavailable('snapshot', 'Manage snapshots of the given instance'),
  unavailable('start', 'Start the given instance'),
  unavailable('stop', 'Stop the given instance'),
  unavailable('unshelve', 'Unshelve the given instance'),
);

const S3 =
  "S3™* compatible storage containers in the given cloud project (* S3 is a trademark filed by Amazon Technologies,Inc. OVHcloud's service is not sponsored by, endorsed by, or otherwise affiliated with Amazon Technologies,Inc.)";

const cloud = group(
  'cloud',
  'Manage your projects and services in the Public Cloud universe (MKS, MPR, MRS, Object Storage...)',
  inCloud('container-registry', 'Manage container registries', list('List your registries', listing.registries)),
  inCloud(
    'database-service',
    'Manage database services',
    list('List your database services', expandedList(inProject('/database/service'))),
  ),
  instance,
  inCloud(
    'kube',
    'Manage Kubernetes clusters',
    list('List your Kubernetes clusters', expandedList(inProject('/kube'))),
  ),
  inCloud(
    'loadbalancer',
    'Manage loadbalancers',
    list('List your load balancers', expandedList(inProject('/loadbalancer'))),
  ),
  inCloud(
    'network',
    'Manage networks',
    group(
      'private',
      'Manage private networks in the given cloud project',
      list('List your private networks', listing.privateNetworks),
    ),
  ),
  inCloud('operation', 'List and get operations'),
  group(
    'project',
    'Retrieve information and manage your CloudProject services',
    list('List your cloud projects', expandedList(atAccount('/cloud/project'))),
  ),
  inCloud('quota', 'Check quotas'),
  inCloud('rancher', 'Manage Rancher services'),
  inCloud('reference', 'Fetch reference data'),
  inCloud('region', 'Check regions', list('List your regions', expandedList(inProject('/region')))),
  inCloud('ssh-key', 'Manage SSH keys'),
  inCloud('storage-block', 'Manage block storage volumes', list('List your volumes', flatList(inProject('/volume')))),
  {
    ...group('storage-s3', `Manage ${S3}`, list('List your S3 containers', listing.buckets)),
    flags: [cloudProjectFlag],
  },
  inCloud(
    'storage-swift',
    'Manage SWIFT storage containers',
    list('List your SWIFT containers', flatList(inProject('/storage'))),
  ),
  inCloud('user', 'Manage users'),
);

const accountList = (path: string, idField?: string): Command =>
  list('List your services', expandedList(atAccount(path), idField));

export const root: Command = {
  name: 'ovhcloud',
  short: 'CLI to manage your OVHcloud services (a stand-in: some commands only)',
  flags: outputFlags,
  commands: [
    group('baremetal', 'Dedicated servers', accountList('/dedicated/server')),
    cloud,
    group(
      'iam',
      'IAM',
      group('resource', 'Resources', list('List your resources', flatList(atAccount('/v2/iam/resource')))),
    ),
    group('ip', 'IP addresses', accountList('/ip')),
    group('okms', 'Key management services', accountList('/v2/okms/resource', 'id')),
    {
      name: 'version',
      short: 'Show the version',
      run: () => printRows([{ version: VERSION }]),
      withoutClient: true,
    },
    group('vps', 'Virtual private servers', accountList('/vps')),
    group('vrack', 'Private networks of the account', accountList('/vrack')),
  ],
};
