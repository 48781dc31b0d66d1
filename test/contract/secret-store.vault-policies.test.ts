import { randomUUID } from 'node:crypto';

import { beforeAll, describe, expect, inject, it } from 'vitest';

import { prepareVault, type PreparedVault } from './prepared-vault.ts';

const { vault: component } = inject('components');

/** Two policies that the API has beside its own. */
const further = ['api-keys', 'tenants'] as const;
const policies = ['api', ...further, 'worker', 'operator'] as const;
type Further = (typeof further)[number];
type Policy = (typeof policies)[number];
const isFurther = (policy: Policy): boolean => (further as readonly Policy[]).includes(policy);

/** Everything that can be done to a key of KV version 2, one HTTP request each. */
const deeds = {
  read: ['GET', 'data', 'existing'],
  'read a version': ['GET', 'data', 'existing', 'version=1'],
  create: ['POST', 'data', 'new'],
  update: ['POST', 'data', 'existing'],
  patch: ['PATCH', 'data', 'existing'],
  hide: ['DELETE', 'data', 'existing'],
  unhide: ['POST', 'undelete', 'existing'],
  'destroy a version': ['POST', 'destroy', 'existing'],
  'read metadata': ['GET', 'metadata', 'existing'],
  'change metadata': ['POST', 'metadata', 'existing'],
  list: ['LIST', 'metadata', ''],
  destroy: ['DELETE', 'metadata', 'existing'],
} as const;
type Deed = keyof typeof deeds;
type Request = readonly [method: string, kind: string, target: string, query?: string];

/**
 * All that is allowed, by place: anything not named here is refused. A place with a star is one key of each
 * connection; `list` then lists the connection's folder.
 */
const allowed: Record<
  string,
  Record<Exclude<Policy, Further>, readonly Deed[]> & Partial<Record<Further, readonly Deed[]>>
> = {
  'live/*/renewal': { api: [], worker: ['read', 'create', 'update', 'destroy', 'list'], operator: [] },
  'live/*/access': { api: ['read'], worker: ['read', 'create', 'update', 'destroy', 'list'], operator: [] },
  'live/*/about': { api: [], worker: ['read', 'create', 'update', 'destroy', 'list'], operator: [] },
  // A key with any other name is not one of ours.
  'live/*/other': { api: [], worker: ['list'], operator: [] },
  live: { api: [], worker: ['list'], operator: [] },
  pending: {
    api: ['create'],
    worker: ['read', 'create', 'update', 'list', 'destroy', 'destroy a version'],
    operator: [],
  },
  'revoking/*/renewal': { api: [], worker: ['read', 'create', 'update', 'destroy', 'list'], operator: [] },
  'revoking/*/attempt': { api: [], worker: ['read', 'create', 'update', 'destroy', 'list'], operator: [] },
  revoking: { api: [], worker: ['list'], operator: [] },
  claims: { api: [], worker: ['read', 'create', 'update'], operator: [] },
  tombstones: { api: ['read'], worker: ['read', 'create', 'update'], operator: [] },
  'config/tenants': {
    api: ['read'],
    'api-keys': ['read', 'create'],
    tenants: ['read', 'create', 'update', 'list'],
    worker: [],
    operator: ['read', 'create', 'update', 'list', 'destroy'],
  },
  'config/webhooks/*/endpoint': {
    api: ['read', 'create', 'update', 'list', 'destroy'],
    worker: ['read', 'update', 'list'],
    operator: [],
  },
  'config/providers': { api: ['read', 'create', 'update'], worker: ['read'], operator: [] },
  'config/api-keys': {
    api: ['read', 'list'],
    'api-keys': ['read', 'create', 'update', 'list', 'destroy'],
    worker: [],
    operator: ['read', 'create', 'list', 'destroy'],
  },
};

const keyIn = (place: string): string =>
  place.includes('*') ? place.replace('*', randomUUID()) : `${place}/${randomUUID()}`;
const folderOf = (place: string): string =>
  place.includes('*') ? `${place.slice(0, place.indexOf('*'))}${randomUUID()}/` : `${place}/`;

describe.skipIf(component === null)('the policies of a Vault that setup.sh prepared', () => {
  let vault: PreparedVault;
  let tokens: Record<Policy, string>;
  beforeAll(async () => {
    vault = await prepareVault(component!);
    const made = policies.map(async (policy) => [policy, await vault.tokenOf(policy)] as const);
    tokens = Object.fromEntries(await Promise.all(made)) as Record<Policy, string>;
  });

  const body = { data: { n: 1 }, versions: [1], max_versions: 2 };
  const isAllowed = async (policy: Policy, method: string, path: string): Promise<boolean> =>
    (await vault.request(tokens[policy], method, path, method === 'GET' || method === 'LIST' ? undefined : body))
      .status !== 403;

  const cases = Object.entries(allowed).flatMap(([place, rights]) =>
    policies.map((policy) => ({ place, policy, rights })),
  );

  it.each(cases)(
    'the policy of the $policy allows on $place/ exactly what it needs',
    async ({ place, policy, rights }) => {
      const done: Deed[] = [];
      for (const [deed, [method, kind, target, query]] of Object.entries<Request>(deeds)) {
        const key = target === '' ? folderOf(place) : keyIn(place);
        if (target === 'existing') await vault.asRoot('POST', `${vault.mount}/data/${key}`, { data: { n: 0 } });
        const path = `${vault.mount}/${kind}/${key}${query === undefined ? '' : `?${query}`}`;
        if (await isAllowed(policy, method, path)) done.push(deed as Deed);
      }
      const expected = rights[policy] ?? [];
      // An older version is read with the right to read, by everything but the API.
      const isApi = policy === 'api' || isFurther(policy);
      const versions: Deed[] = !isApi && expected.includes('read') ? ['read a version'] : [];
      expect(done.sort()).toEqual([...expected, ...versions].sort());
    },
  );

  it('only the worker can list the connections or read a renewal credential', async () => {
    const id = `con_${randomUUID()}`;
    for (const name of ['renewal', 'access', 'about']) {
      await vault.asRoot('POST', `${vault.mount}/data/live/${id}/${name}`, { data: { n: 1 } });
    }
    const lists = ['live/', `live/${id}/`, 'revoking/', 'pending/'].map((path) => `${vault.mount}/metadata/${path}`);
    for (const policy of ['api', 'operator'] as const) {
      for (const path of lists) expect([path, await isAllowed(policy, 'LIST', path)]).toEqual([path, false]);
      expect(await isAllowed(policy, 'GET', `${vault.mount}/data/live/${id}/renewal`)).toBe(false);
    }
    const reply = await vault.request(tokens.worker, 'LIST', `${vault.mount}/metadata/live/`);
    expect(reply.body['data']).toMatchObject({ keys: expect.arrayContaining([`${id}/`]) });
  });

  it('the API reads the newest version of a credential and no older one, whatever the request says', async () => {
    const key = `live/con_${randomUUID()}/access`;
    for (const n of [1, 2]) await vault.asRoot('POST', `${vault.mount}/data/${key}`, { data: { n } });
    const read = async (query: string) => await vault.request(tokens.api, 'GET', `${vault.mount}/data/${key}${query}`);
    expect((await read('')).body['data']).toMatchObject({ data: { n: 2 }, metadata: { version: 2 } });
    for (const query of ['?version=1', '?version=01', '?VERSION=1', '?version=1&version=2', '?x=1&version=1']) {
      const reply = await read(query);
      const isNewest = JSON.stringify(reply.body).includes('"n":2');
      expect([query, reply.status === 403 || isNewest]).toEqual([query, true]);
    }
    expect((await read('?version=1')).status).toBe(403);
  });

  it('the worker can write the Temporal namespace only once, and an operator can destroy it', async () => {
    const path = `${vault.mount}/data/config/namespace`;
    const rights = async (policy: Policy) => [
      await isAllowed(policy, 'POST', path),
      await isAllowed(policy, 'POST', path),
      await isAllowed(policy, 'GET', path),
      await isAllowed(policy, 'DELETE', path.replace('/data/', '/metadata/')),
    ];
    expect(await rights('api')).toEqual([false, false, true, false]);
    expect(await rights('worker')).toEqual([true, false, true, false]);
    expect(await rights('operator')).toEqual([false, false, true, true]);
  });

  it('the worker can make the search key only once, the API can read it, and neither can destroy it', async () => {
    const path = `${vault.mount}/data/config/search-key`;
    const rights = async (policy: Policy) => [
      await isAllowed(policy, 'POST', path),
      await isAllowed(policy, 'POST', path),
      await isAllowed(policy, 'GET', path),
      await isAllowed(policy, 'DELETE', path.replace('/data/', '/metadata/')),
    ];
    expect(await rights('api')).toEqual([false, false, true, false]);
    expect(await rights('worker')).toEqual([true, false, true, false]);
    expect(await rights('operator')).toEqual([false, false, false, false]);
  });

  it('only the worker can write the key check, and the API can read it', async () => {
    const path = `${vault.mount}/data/config/key-check`;
    const rights = async (policy: Policy) => [
      await isAllowed(policy, 'POST', path),
      await isAllowed(policy, 'POST', path),
      await isAllowed(policy, 'GET', path),
      await isAllowed(policy, 'DELETE', path.replace('/data/', '/metadata/')),
    ];
    expect(await rights('api')).toEqual([false, false, true, false]);
    expect(await rights('worker')).toEqual([true, true, true, false]);
    expect(await rights('operator')).toEqual([false, false, false, false]);
  });

  it.each(policies)('the %s cannot reach anything beyond its mount and its own token', async (policy) => {
    const other = `mooring-${randomUUID()}`;
    await vault.asRoot('POST', `sys/mounts/${other}`, { type: 'kv', options: { version: '2' } });
    const beyond = [
      ['GET', `${other}/data/live/con_a`],
      ['POST', `${other}/data/pending/con_a`],
      ['GET', `${vault.mount}/config`],
      ['POST', `${vault.mount}/config`],
      ['LIST', `${vault.mount}/metadata/`],
      ['GET', 'sys/mounts'],
      ['GET', `sys/policies/acl/${vault.mount}-${policy}`],
      ['POST', 'auth/token/create'],
      ['GET', `auth/approle/role/${vault.mount}-worker/role-id`],
      ['POST', `auth/approle/role/${vault.mount}-worker/secret-id`],
      ['GET', 'cubbyhole/anything'],
    ] as const;
    for (const [method, path] of beyond) {
      expect([path, await isAllowed(policy, method, path)]).toEqual([path, false]);
    }
    expect(await isAllowed(policy, 'POST', 'auth/token/renew-self')).toBe(!isFurther(policy));
  });

  it('a second run of setup.sh restores changed policies and settings, and keeps secrets and role ids', async () => {
    const policy = `sys/policies/acl/${vault.mount}-api`;
    const before = await vault.asRoot('GET', policy);
    const key = `${vault.mount}/data/live/con_kept/renewal`;
    await vault.asRoot('POST', key, { data: { n: 1 } });
    await vault.asRoot('PUT', policy, { policy: 'path "*" { capabilities = ["read"] }' });
    await vault.asRoot('POST', `${vault.mount}/config`, { max_versions: 50 });
    const { roleId } = await vault.credentials('api');

    await vault.setup();
    expect((await vault.asRoot('GET', policy)).body['data']).toEqual(before.body['data']);
    const { body: config } = await vault.asRoot('GET', `${vault.mount}/config`);
    expect(config['data']).toMatchObject({ max_versions: 2 });
    expect((await vault.credentials('api')).roleId).toBe(roleId);
    expect((await vault.asRoot('GET', key)).status).toBe(200);
  });

  it.each(['api', 'worker'] as const)(
    'the %s gets a token of one hour, renewable up to a day, with only its own policies',
    async (role) => {
      const { roleId, secretId } = await vault.credentials(role);
      const login = { role_id: roleId, secret_id: secretId.reveal() };
      const { body: reply } = await vault.asRoot('POST', 'auth/approle/login', login);
      expect(reply['auth']).toMatchObject({
        policies: [
          `${vault.mount}-${role}`,
          ...(role === 'api' ? further.map((policy) => `${vault.mount}-${policy}`) : []),
        ],
        lease_duration: 3_600,
        renewable: true,
        token_type: 'service',
      });
      const { body: settings } = await vault.asRoot('GET', `auth/approle/role/${vault.mount}-${role}`);
      expect(settings['data']).toMatchObject({ token_max_ttl: 86_400 });
    },
  );

  it('setup.sh gives the API no right to change API keys or tenants where its settings say so', async () => {
    const policiesOfApi = async () =>
      (await vault.asRoot('GET', `auth/approle/role/${vault.mount}-api`)).body['data'] as { token_policies: string[] };
    const [own, keys, tenants] = ['api', ...further].map((policy) => `${vault.mount}-${policy}`);
    await vault.setup({ VAULT_KEYS_BY_API: 'false' });
    expect((await policiesOfApi()).token_policies).toEqual([own, tenants]);
    await vault.setup({ VAULT_TENANTS_BY_API: 'false' });
    expect((await policiesOfApi()).token_policies).toEqual([own, keys]);
    await vault.setup();
    expect((await policiesOfApi()).token_policies).toEqual([own, keys, tenants]);
  });

  it('setup.sh refuses a KV version 1 mount, which has no check-and-set', async () => {
    const old = `${vault.mount}-v1`;
    await vault.asRoot('POST', `sys/mounts/${old}`, { type: 'kv', options: { version: '1' } });
    await expect(vault.setup({ VAULT_MOUNT: old })).rejects.toThrow(/KV version 1 mount/);
  });
});
