import type { Kind } from '../kind.ts';

const engines = [
  { name: 'postgresql', short: 'pg', versions: ['17', '16'] },
  { name: 'mysql', short: 'mysql', versions: ['8'] },
  { name: 'valkey', short: 'valkey', versions: ['8.1'] },
] as const;

/** The display name is the description, and the region stands with each node only. */
export const database: Kind = {
  owner: 'project',
  path: '/database/service',
  endpoint: 'cloud.database',
  id: 'id',
  action: 'publicCloudProject:apiovh:database/service/get',
  row(seed) {
    const engine = seed.pick('engine', engines);
    const region = seed.pick('region', ['GRA', 'SBG', 'DE']);
    const plan = seed.pick('plan', ['essential', 'business']);
    const nodeCount = plan === 'business' ? 2 : 1;
    const host = `${engine.short}-${seed.hex('host', 8)}`;
    const domain = `${host}.database.cloud.ovh.net`;
    return {
      backupTime: '03:00:00',
      backups: { pitr: '2026-11-01T00:00:00Z', regions: [region], retentionDays: 2, time: '03:00:00' },
      capabilities: { service: { read: 'enabled', update: 'enabled' } },
      category: 'operational',
      createdAt: seed.moment('created'),
      deletionProtection: false,
      description: `${seed.pick('use', ['orders', 'billing', 'sessions', 'reports'])}-${seed.number}`,
      disk: { size: 80, type: 'high-speed' },
      enablePrometheus: false,
      endpoints: [
        {
          component: engine.name,
          domain,
          path: null,
          port: 20_184,
          scheme: engine.name,
          ssl: true,
          sslMode: 'require',
          uri: `${engine.name}://<username>:<password>@${domain}:20184/defaultdb?sslmode=require`,
        },
      ],
      engine: engine.name,
      flavor: 'db1-4',
      id: seed.uuid(),
      ipRestrictions: [{ description: 'any', ip: '0.0.0.0/0', status: 'READY' }],
      maintenanceTime: '02:00:00',
      networkId: null,
      networkType: 'public',
      nodeNumber: nodeCount,
      nodes: Array.from({ length: nodeCount }, (_, node) => ({
        flavor: 'db1-4',
        id: seed.uuid(`node-${node}`),
        name: `${host}-${node + 1}`,
        port: 0,
        region,
        role: null,
        status: 'READY',
      })),
      plan,
      status: 'READY',
      storage: { size: { unit: 'GB', value: 80 }, type: 'high-speed' },
      subnetId: null,
      version: seed.pick('version', engine.versions),
    };
  },
};
