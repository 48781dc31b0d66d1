import { liveKeys } from '../../stores/secrets/credential-record.ts';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { anyFreePort } from '../../scripts/dev/ports.ts';
import { createBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { startOidcProvider, type OidcProvider } from '../support/oidc-provider.ts';
import { createPlatform, type Invited, type Platform } from '../support/platform.ts';
import { startStandInWorld } from './support/stand-in-world.ts';
import type { World } from './support/world.ts';

/** Renewed about every 5 s: the shortest cycle there is, so that several fit into a test. */
const LIFETIME_SECONDS = 6;
const START_WITHIN_MS = 120_000;

/**
 * A certified OAuth server in OVHcloud's place: PKCE is required, every refresh rotates, and a refresh token that is
 * used twice revokes the grant. So an independent implementation of the RFCs checks Mooring's requests.
 */
describe.skipIf(inject('components').temporal === null)('with a certified OAuth server', { timeout: 90_000 }, () => {
  let server: OidcProvider;
  let world: World;
  let platform: Platform;

  beforeAll(async () => {
    const port = await anyFreePort();
    server = await startOidcProvider({
      redirectUris: [`http://localhost:${port}/ovh/oauth2/callback`],
      accessTokenTtlSeconds: LIFETIME_SECONDS,
    });
    world = await startStandInWorld({ PORT: String(port), ...server.environment() });
    platform = createPlatform(world.running.api, world.running.apiKey);
  }, START_WITHIN_MS);
  afterAll(async () => {
    await world.stop();
    await server.close();
  }, START_WITHIN_MS);

  const events = (name: string): number => server.events.filter((event) => event === name).length;
  const signIn = async (url: string, decision: 'approve' | 'refuse' = 'approve'): Promise<void> => {
    const browser = createBrowser();
    const authorizeUrl = (await browser.submit(url)).headers.get('location');
    const back = await server.decide(authorizeUrl ?? '', { decision });
    expect((await browser.open(back)).status).toBe(303);
  };

  test('a connection is made, kept alive through several rotations, and revoked when it is disconnected', async () => {
    const { connection, invitation } = await platform.invite();
    await signIn(invitation.url);
    expect(await platform.until(connection.id, 'active')).toMatchObject({
      account: { id: 'la12345-ovh' },
      credential: { renewable: true, lifetimeSeconds: LIFETIME_SECONDS },
    });

    await platform.until(connection.id, ({ credential }) => (credential?.generation ?? 0) >= 4, 60_000);
    expect(server.events).not.toContain('grant.error');
    expect(server.events).not.toContain('grant.revoked');
    expect(events('grant.success')).toBeGreaterThanOrEqual(4);

    await platform.call('DELETE', `/v1/connections/${connection.id}`);
    const { tombstone } = await platform.until(connection.id, 'disconnected');
    expect(tombstone).toMatchObject({ revocation: { outcome: 'revoked' } });
    expect(events('grant.revoked')).toBe(1);
    expect(server.events).not.toContain('grant.error');
  });

  test('a grant that is revoked at the server requires action after one error, and a new sign-in restores it', async () => {
    const { connection, invitation } = await platform.invite();
    await signIn(invitation.url);
    await platform.until(connection.id, 'active');
    const stored = await world.secrets.read('live', liveKeys.renewal(connection.id));
    const errorsBefore = events('grant.error');
    const revoked = await fetch(server.revokeUrl, {
      method: 'POST',
      body: new URLSearchParams({
        client_id: server.clientId,
        client_secret: server.clientSecret,
        token: stored?.['refresh_token'] as string,
      }),
    });
    expect(revoked.status).toBe(200);

    const { problem } = await platform.until(connection.id, 'action_required', 30_000);
    expect(problem?.code).toBe('invalid_grant');
    expect(events('grant.error')).toBe(errorsBefore + 1);

    const again = await platform.call<Invited>('POST', `/v1/connections/${connection.id}/reauthorize`);
    await signIn(again.invitation.url);
    expect(await platform.until(connection.id, 'active')).toMatchObject({ problem: null });
    await platform.call('DELETE', `/v1/connections/${connection.id}`);
    await platform.until(connection.id, 'disconnected');
  });

  test('a refused consent is reported as declined by the customer', async () => {
    const { connection, invitation } = await platform.invite();
    await signIn(invitation.url, 'refuse');
    const refused = await eventually('the refusal', async () => {
      const view = await platform.get(connection.id);
      return view.problem !== null && view;
    });
    expect(refused).toMatchObject({ status: 'awaiting_customer', problem: { code: 'customer_declined' } });
  });
});
