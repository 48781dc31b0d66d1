import { request } from 'node:http';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { prepareVault, type PreparedVault } from './prepared-vault.ts';

const { vault: component } = inject('components');
const SECONDS_OF_A_YEAR = 8760 * 3600;

/** Linux has all of 127.0.0.0/8: a second address of this machine, which a role can be bound to. */
const BOUND = '127.0.0.2';

interface Reply {
  readonly status: number;
  readonly body: { readonly auth?: { readonly client_token: string } | null; readonly errors?: readonly string[] };
}

/** A request to Vault that comes from the given address of this machine. */
async function post(from: string, url: string, body: object, token = ''): Promise<Reply> {
  return await new Promise((resolve, reject) => {
    const headers = token === '' ? {} : { 'X-Vault-Token': token };
    const sent = request(url, { method: 'POST', localAddress: from, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        resolve({ status: response.statusCode ?? 0, body: (text === '' ? {} : JSON.parse(text)) as Reply['body'] });
      });
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(body));
  });
}

describe.skipIf(component === null)('the AppRoles that setup.sh makes', () => {
  let vault: PreparedVault;
  beforeAll(async () => {
    vault = await prepareVault(component!);
  });

  const logIn = async (from = '127.0.0.1'): Promise<Reply> => {
    const { roleId, secretId } = await vault.credentials('worker');
    const login = { role_id: roleId, secret_id: secretId.reveal() };
    return await post(from, `${vault.address}/v1/auth/approle/login`, login);
  };
  const roleOf = async (process: string) =>
    (await vault.asRoot('GET', `auth/approle/role/${vault.mount}-${process}`)).body['data'];

  it('a secret id ends after a year unless another time is set, and the file names the day', async () => {
    await vault.setup();
    for (const process of ['api', 'worker'] as const) {
      expect(await roleOf(process)).toMatchObject({ secret_id_ttl: SECONDS_OF_A_YEAR, token_max_ttl: 86_400 });
    }
    const lines = await vault.setup({}, 'credentials', 'api');
    const [, day = ''] = /^# Ends on (\d{4}-\d{2}-\d{2})\. Make another before that day\.$/m.exec(lines) ?? [];
    const days = (Date.parse(day) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(363);
    expect(days).toBeLessThan(366);

    await vault.setup({ VAULT_SECRET_ID_TTL: '36h' });
    expect(await roleOf('api')).toMatchObject({ secret_id_ttl: 36 * 3600 });
    await vault.setup({ VAULT_SECRET_ID_TTL: '0' });
    expect(await roleOf('api')).toMatchObject({ secret_id_ttl: 0 });
    expect(await vault.setup({}, 'credentials', 'api')).not.toContain('Ends on');
  });

  it('a secret id really lives as long as its role says', async () => {
    await vault.setup();
    const path = `auth/approle/role/${vault.mount}-api/secret-id`;
    expect((await vault.asRoot('POST', path)).body['data']).toMatchObject({ secret_id_ttl: SECONDS_OF_A_YEAR });
  });

  it('setup.sh refuses a time that Vault would silently shorten, and says how to allow it', async () => {
    await expect(vault.setup({ VAULT_SECRET_ID_TTL: '3650d' })).rejects.toThrow(
      /vault auth tune -max-lease-ttl=315360000s approle\//,
    );
  });

  it.each(['a year', '1y', '-1h', '1.5h', ''])(
    'setup.sh takes "%s" for no time that it does not understand',
    async (ttl) => {
      const set = vault.setup({ VAULT_SECRET_ID_TTL: ttl });
      if (ttl === '') await expect(set).resolves.toContain('is ready');
      else await expect(set).rejects.toThrow('give a whole number with s, m, h or d');
    },
  );

  it('a secret id that has ended is refused', async () => {
    await vault.setup({ VAULT_SECRET_ID_TTL: '1s' });
    const { roleId, secretId } = await vault.credentials('worker');
    const login = { role_id: roleId, secret_id: secretId.reveal() };
    const refused = await eventually('the secret id to end', async () => {
      // Vault looks for ended ones every minute, or when it is asked to.
      await vault.asRoot('POST', 'auth/approle/tidy/secret-id');
      const reply = await post('127.0.0.1', `${vault.address}/v1/auth/approle/login`, login);
      return reply.status !== 200 && reply;
    });
    expect(refused.body.errors?.join()).toContain('invalid role or secret ID');
    await vault.setup();
    expect((await logIn()).status).toBe(200);
  });

  describe('with VAULT_BOUND_CIDRS', () => {
    beforeAll(async () => {
      await vault.setup({ VAULT_BOUND_CIDRS: `${BOUND}/32,10.1.2.0/24` });
    });

    it('both roles are bound to the addresses that are set, for logins and for tokens', async () => {
      for (const process of ['api', 'worker'] as const) {
        expect(await roleOf(process)).toMatchObject({
          secret_id_bound_cidrs: [`${BOUND}/32`, '10.1.2.0/24'],
          token_bound_cidrs: [BOUND, '10.1.2.0/24'],
        });
      }
    });

    it('a login from an address that is not bound is refused', async () => {
      const elsewhere = await logIn('127.0.0.1');
      expect(elsewhere.status).toBeGreaterThanOrEqual(400);
      expect(elsewhere.body.errors?.join()).toContain('unauthorized');
      expect((await logIn(BOUND)).status).toBe(200);
    });

    it('a token is of no use from an address that is not bound', async () => {
      const token = (await logIn(BOUND)).body.auth?.client_token ?? '';
      const renew = async (from: string) =>
        (await post(from, `${vault.address}/v1/auth/token/renew-self`, {}, token)).status;
      expect(await renew('127.0.0.1')).toBe(403);
      expect(await renew(BOUND)).toBe(200);
    });

    it('a run of setup.sh without the setting takes the binding away', async () => {
      await vault.setup();
      expect((await logIn('127.0.0.1')).status).toBe(200);
    });
  });
});
