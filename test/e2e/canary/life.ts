import type { Customer } from '../../support/customer.ts';
import type { Invited } from '../../support/platform.ts';
import { connectBy, waysIn, type WayIn } from '../../support/ways.ts';
import { isDiscovered } from '../support/discovery-stack.ts';
import type { World } from '../support/world.ts';

const RECOVERS_WITHIN_MS = 60_000;

/** Everything that can happen to a connection and touches a secret. Answers the ids of the connections. */
export async function liveThroughEverything(world: World, customer: Customer): Promise<string[]> {
  const { platform, cloud } = customer;
  const on = (id: string, verb = ''): string => `/v1/connections/${id}${verb}`;
  const attempt = async (id: string): Promise<void> =>
    await platform.call<void>('POST', on(id, '/refresh')).catch(() => {});
  const disconnect = async (id: string): Promise<void> => {
    await platform.call('DELETE', on(id));
    await platform.until(id, 'disconnected', RECOVERS_WITHIN_MS);
  };

  const attempts = async (id: string): Promise<void> => await platform.call('GET', on(id, '/attempts?limit=100'));

  /** The happy path from end to end. */
  const refreshed = async (): Promise<string> => {
    const { id } = await customer.connect({ name: 'happy', tags: ['canary'] });
    await platform.call('GET', on(id, '/credentials'));
    await platform.call('POST', on(id, '/refresh'));
    await platform.call('GET', on(id, '/credentials?minTtlSeconds=3600'));
    await platform.call('GET', on(id, '/timeline'));
    await disconnect(id);
    await attempts(id);
    return id;
  };
  /** The cloud has spent the token, and the secret store takes no reply. */
  const sealed = async (): Promise<string> => {
    const { id } = await customer.connect();
    await cloud.fault({ region: 'ovh-eu', endpoint: 'token.refresh' }, { kind: 'hold_after' });
    const refreshing = attempt(id);
    const hold = await cloud.waitForHold('token.refresh');
    const giveBack = await world.withholdSecrets();
    try {
      await cloud.release(hold);
      await refreshing;
      // The attempt goes on trying to store it for as long as it may, and only then seals it.
      await platform.until(id, 'degraded', RECOVERS_WITHIN_MS);
    } finally {
      await giveBack();
    }
    await platform.until(id, ({ credential }) => credential?.generation === 2, RECOVERS_WITHIN_MS);
    return id;
  };
  const degraded = async (): Promise<string> => {
    const { id } = await customer.connect({ region: 'ovh-ca' });
    // Its error repeats secrets, the one that it was sent and others.
    const { refreshToken = [], accessToken = [] } = await cloud.issued();
    const said = [...refreshToken, ...accessToken].toReversed().join(' ');
    const body = { error: 'server_error', error_description: said };
    await cloud.fault({ region: 'ovh-ca', endpoint: 'token.refresh' }, { kind: 'respond', status: 503, body });
    await attempt(id);
    await platform.until(id, 'degraded');
    await attempts(id);
    await platform.call('GET', on(id, '/credentials'));
    await disconnect(id);
    return id;
  };
  /** The code is refused, then its answer is lost, then a person declines, then all is well. */
  const unlucky = async (): Promise<string> => {
    const { connection, invitation } = await platform.invite({ region: 'ovh-ca' });
    const match = { region: 'ovh-ca', endpoint: 'token.code' };
    for (const action of [{ kind: 'refuse', error: 'invalid_grant' }, { kind: 'drop_after' }] as const) {
      await cloud.fault(match, action);
      const before = (await platform.get(connection.id)).updatedAt;
      await (await customer.signIn(invitation.url)).arrive();
      await platform.until(
        connection.id,
        ({ status, updatedAt }) => status === 'awaiting_customer' && updatedAt !== before,
      );
    }
    await (await customer.signIn(invitation.url, { decision: 'refuse' })).arrive();
    await platform.until(connection.id, ({ problem }) => problem?.code === 'customer_declined');
    const signedIn = await customer.signIn(invitation.url);
    const result = await signedIn.arrive();
    await platform.until(connection.id, 'active');
    await attempts(connection.id);
    await signedIn.browser.open(result);
    return connection.id;
  };
  const reauthorised = async (): Promise<string> => {
    const [region, account] = ['ovh-us', 'mc24680-ovh'];
    const { id } = await customer.connect(
      { region, invitation: { confirm: false, passcode: 'tulip-42' } },
      { account, passcode: 'tulip-42' },
    );
    await cloud.revokeOvhAccount(account, region);
    await attempt(id);
    await platform.until(id, 'action_required');
    const { invitation } = await platform.call<Invited>('POST', on(id, '/reauthorize'));
    await (await customer.signIn(invitation.url, { account })).arrive();
    await platform.until(id, 'active');
    await platform.call('GET', '/v1/connections?limit=200');
    await attempts(id);
    await disconnect(id);
    return id;
  };

  /** Another way in: what is submitted, minted and made of it passes through everything as well. */
  const another = async (way: WayIn): Promise<string> => {
    const { id } = await connectBy(customer, way, { name: way.name });
    await platform.call('GET', on(id, '/credentials'));
    // Clouds put secrets into what they say of resources: startup scripts, environments, connection strings.
    await platform.until(id, isDiscovered, RECOVERS_WITHIN_MS);
    for (const what of ['/resources?limit=1000', '/inventory', '/permissions'])
      await platform.call('GET', on(id, what));
    await platform.call('GET', `/v1/resources/changes?connection=${id}`);
    await platform.call('POST', on(id, '/refresh'));
    await platform.call('POST', on(id, '/verify'));
    await disconnect(id);
    await attempts(id);
    return id;
  };

  /** A role that trusts too much: the refusal names the external ID that its policy must ask for. */
  const refusedRole = async (): Promise<string> => {
    const { connection } = await platform.invite({ provider: 'aws', region: 'aws', method: 'role' });
    const trustPolicy = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
    };
    const fields = { role_arn: await cloud.putAwsRole({ name: 'too-open', trustPolicy }) };
    await platform.call('POST', on(connection.id, '/submission'), { fields });
    await platform.until(connection.id, ({ problem }) => problem?.code === 'insecure_trust_policy', RECOVERS_WITHIN_MS);
    return connection.id;
  };

  const others = waysIn.filter(({ cloud: at, account }) => at !== 'ovh' || account === undefined);
  // Faults belong to a region: what shares one waits for the other. The store is everybody's: its fault comes last.
  const lives = await Promise.all([refreshed(), degraded().then(async (id) => [id, await unlucky()]), reauthorised()]);
  const moreLives = await Promise.all(others.map(another));
  return [...lives.flat(), ...moreLives, await refusedRole(), await sealed()];
}
