import { describe, expect, test } from 'vitest';
import type { OvhKindId } from '../../../providers/ovh/discovery/kinds.ts';
import { readRows } from '../../../providers/ovh/discovery/rows.ts';
import type { InventoryRow } from '../../../stores/inventory/port.ts';
import { capturedRun } from '../../contract/ovhcloud/captured-runs.ts';

const project = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';

const listed = { project, source: 'cli', endpoint: 'ovh-eu' } as const;

const captured = (name: string): unknown[] => JSON.parse(capturedRun(name).stdout) as unknown[];
const resources = (kind: OvhKindId, rows: readonly unknown[]): readonly InventoryRow[] =>
  readRows({ ...listed, kind }, rows).rows;

/** The first row of each kind. */
const expected: Readonly<Record<OvhKindId, readonly [string, Partial<InventoryRow>]>> = {
  project: [
    'projects',
    {
      id: project,
      name: 'prod',
      status: 'ok',
      region: null,
      createdAt: '2024-03-01T09:00:00.000Z',
      tags: { env: 'prod' },
      nativeType: 'ovh:cloud/project',
      consoleUrl: `https://www.ovh.com/manager/#/public-cloud/pci/projects/${project}`,
      summary: { description: 'prod' },
    },
  ],
  instance: [
    'instances',
    {
      name: 'web-1',
      region: 'GRA11',
      status: 'ACTIVE',
      createdAt: '2025-09-01T08:01:00.000Z',
      zone: null,
      consoleUrl: null,
      summary: { flavor: 'b3-8', ipAddresses: ['51.210.0.1', '10.0.0.1'] },
    },
  ],
  kubernetes: [
    'kube',
    {
      name: 'mks-1',
      region: 'GRA11',
      status: 'READY',
      url: 'https://abc1.c1.gra.k8s.ovh.net',
      createdAt: '2025-06-01T10:00:00.000Z',
      summary: { version: '1.33.2-0', plan: 'free' },
    },
  ],
  database: [
    'databases',
    {
      name: 'db-1',
      region: 'GRA',
      status: 'READY',
      createdAt: '2025-04-01T08:00:00.000Z',
      summary: { engine: 'mysql', version: '17', plan: 'essential', nodes: 1, regions: ['GRA'] },
    },
  ],
  load_balancer: [
    'loadbalancers',
    { name: 'lb-1', region: 'GRA9', status: 'RUNNING', summary: { size: 'S', ipv4: '51.77.0.1' } },
  ],
  registry: [
    'registries',
    {
      name: 'reg-1',
      region: 'GRA11',
      url: 'https://abc1.c1.gra9.container-registry.ovh.net',
      summary: { version: '2.12.2', plan: 'SMALL', deploymentMode: '1-AZ' },
    },
  ],
  private_network: ['private networks', { id: 'pn-1001_1', key: 'pn-1001_1@GRA11', name: 'net-1', region: 'GRA11' }],
  volume: ['volumes', { name: 'vol-1', region: 'GRA11', status: 'in-use', project }],
  object_storage_s3: [
    's3 containers',
    {
      id: 'bucket-gra11-1',
      key: 'bucket-gra11-1@GRA11',
      region: 'GRA11',
      status: null,
      createdAt: '2025-07-01T00:00:00.000Z',
      summary: {},
    },
  ],
  object_storage_swift: ['swift containers', { id: '47521', name: 'swift-1', region: 'GRA' }],
  dedicated_server: [
    'baremetal',
    {
      id: 'ns300001.ip-51-75-0.eu',
      name: 'ns1',
      region: 'eu-west-rbx',
      zone: 'eu-west-rbx-a',
      status: 'ok',
      createdAt: null,
      tags: { env: 'prod' },
    },
  ],
};

describe('every captured row becomes a resource', () => {
  test.each(Object.entries(expected) as [OvhKindId, (typeof expected)[OvhKindId]][])(
    'every captured row of the kind %s becomes a resource',
    (kind, [name, first]) => {
      const rows = captured(`${name}|token|ok`);
      const read = readRows({ ...listed, kind }, rows);
      expect(read.losses).toEqual([]);
      expect(read.rows).toHaveLength(rows.length);
      expect(new Set(read.rows.map(({ key }) => key)).size).toBe(rows.length);
      expect(read.rows[0]).toMatchObject({ kind, ...first });
    },
  );

  test('a row that is listed twice becomes one resource with the last values', () => {
    const [row] = captured('volumes|token|ok') as [object];
    expect(resources('volume', [row, { ...row, status: 'available' }]).map(({ status }) => status)).toEqual([
      'available',
    ]);
  });
});

describe('a row that cannot be read', () => {
  test('an unreadable row is reported as a loss, and the other rows are kept', () => {
    const [good] = captured('volumes|token|ok');
    const { rows: kept, losses } = readRows({ ...listed, kind: 'volume' }, [{ id: 5 }, good, null, 'text']);
    expect(kept).toHaveLength(1);
    expect(losses.map(({ path, problem }) => [path, problem.code])).toEqual(
      ['volume[0]', 'volume[2]', 'volume[3]'].map((path) => [path, 'row_unreadable']),
    );
  });

  test('a row with nulls in optional fields is still read', () => {
    const [row] = captured('instances|token|ok') as [object];
    const bare = { ...row, name: null, region: null, flavor: null, ipAddresses: null, created: null };
    expect(resources('instance', [bare])[0]).toMatchObject({ name: '00000001-1111-4222-8333-000000000001' });
  });
});

describe('what moves by itself is not kept, because it would look changed each hour', () => {
  test.each<[OvhKindId, string, object]>([
    ['object_storage_s3', 's3 containers', { objectsCount: 99, objectsSize: 99 }],
    ['object_storage_swift', 'swift containers', { storedObjects: 99, storedBytes: 99 }],
    ['registry', 'registries', { size: 99, updatedAt: '2026-11-30T10:00:00Z' }],
    ['instance', 'instances', { currentMonthOutgoingTraffic: 99 }],
    ['database', 'databases', { backups: { pitr: '2026-11-30T10:00:00Z' } }],
  ])('a row of the kind %s stays as it is', (kind, name, moved) => {
    const [row] = captured(`${name}|token|ok`) as [object];
    expect(resources(kind, [{ ...row, ...moved }])).toEqual(resources(kind, [row]));
  });
});

describe('names and tags', () => {
  const [server] = captured('baremetal|token|ok') as [object];
  const read = (iam: object) => resources('dedicated_server', [{ ...server, iam }])[0]!;

  test('a name is cut at 128 characters, a tag at 256, and at most fifty tags are kept', () => {
    const tags = Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`tag-${index}`, 'v'.repeat(500)]));
    const row = read({ displayName: 'n'.repeat(500), tags: { 'ovh:aaa': 'own', ...tags } });
    expect(row.name).toHaveLength(128);
    expect(Object.keys(row.tags)).toHaveLength(50);
    expect(row.tags).not.toHaveProperty('ovh:aaa');
    expect(Object.values(row.tags).every((value) => value.length === 256)).toBe(true);
  });

  test.each([
    [{ db_password: 'hunter2' }],
    [{ note: 'password=hunter2' }],
    [{ note: 'Bearer hunter2hunter2' }],
    [{ note: 'postgres://admin:hunter2@db/x' }],
    [{ apiKey: 'hunter2' }],
  ])('a tag that looks like a credential is kept without its value: %j', (tags) => {
    expect(Object.values(read({ tags }).tags)).toEqual(['[redacted]']);
  });

  test('a name that looks like a credential is not kept', () => {
    expect(JSON.stringify(read({ displayName: 'token=hunter2' }))).not.toContain('hunter2');
  });

  test('a tag that is no text is left out', () => {
    expect(read({ tags: { size: 5, team: 'blue' } }).tags).toEqual({ team: 'blue' });
  });
});

describe('no secret is kept', () => {
  const [instance] = captured('instances|token|ok') as [object];
  const keptOf = (more: object): string => JSON.stringify(resources('instance', [{ ...instance, ...more }])[0]!);

  test.each([
    [{ rescuePassword: 'hunter2-canary' }],
    [{ token: 'hunter2-canary', metricsToken: 'hunter2-canary' }],
    [{ nested: { deep: [{ adminPassword: 'hunter2-canary' }, { clientSecret: 'hunter2-canary' }] } }],
    [{ endpoint: 'postgresql://admin:hunter2-canary@db.example:5432/defaultdb' }],
    [{ key: '-----BEGIN RSA PRIVATE KEY-----\nhunter2-canary\n-----END RSA PRIVATE KEY-----' }],
    [{ kubeconfig: 'hunter2-canary', s3SecretKey: 'hunter2-canary', accessKey: 'hunter2-canary' }],
  ])('a resource keeps no secret of %j', (more) => {
    expect(keptOf(more)).not.toContain('hunter2-canary');
  });
});
