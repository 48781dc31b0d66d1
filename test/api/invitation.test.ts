import { beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from './support/browser.ts';
import { connect, platform, signIn, type Invited, type Platform } from './support/connect.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();

describe.skipIf(address === null)('an invitation', () => {
  let stack: Stack;
  let acme: Platform;
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    acme = platform(stack, await stack.keyFor('acme', 'admin'));
    await stack.tenants.write('acme', {
      displayName: 'Acme <Rockets>',
      platformRedirectUris: [],
      confirmsInvitations: false,
    });
  });
  const pageOf = async (url: string) => await openBrowser(stack).open(url);

  it('an invitation page says who asks for which access until when, and how to decline', async () => {
    const { invitation } = await acme.invite({ name: 'the "shop" account' });
    const { statusCode, body, headers } = await pageOf(invitation.url);
    expect(statusCode).toBe(200);
    expect(body).toContain('Acme &lt;Rockets&gt; asks for access to your OVHcloud account');
    expect(body).toContain('Full access to the OVHcloud API in your name');
    expect(body).toContain('the &quot;shop&quot; account');
    expect(body).toContain('Did you not ask for this?');
    expect(body).toContain(invitation.expiresAt.slice(0, 19));
    expect(headers['cache-control']).toBe('no-store');
  });

  it('an invitation page shows the tenant’s id where the tenant has no display name', async () => {
    const nameless = platform(stack, await stack.keyFor('nameless', 'admin'));
    await stack.secrets.destroy('config', 'tenants/nameless');
    const { invitation } = await nameless.invite();
    expect((await pageOf(invitation.url)).body).toContain('nameless asks for access');
  });

  it('opening an invitation sets no cookie and changes nothing, because link scanners open links', async () => {
    const { connection, invitation } = await acme.invite();
    const before = await acme.get(connection.id);
    const reply = await pageOf(invitation.url);
    expect(reply.headers['set-cookie']).toBeUndefined();
    expect(reply.headers['location']).toBeUndefined();
    expect(await acme.get(connection.id)).toEqual(before);
    expect((await stack.app.inject({ method: 'HEAD', url: new URL(invitation.url).pathname })).statusCode).toBe(200);
    expect(await acme.get(connection.id)).toEqual(before);
  });

  it('an invitation page allows no inline script, style or framing, and its form may lead to the cloud', async () => {
    const { invitation } = await acme.invite();
    const { headers, body } = await pageOf(invitation.url);
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toMatch(/form-action 'self' https: http:\/\/127\.0\.0\.1:\d+/);
    expect(policy).not.toContain('unsafe');
    expect(body).not.toMatch(/<script(?! src="\/assets\/)|\son\w+=|style="/);
    // Otherwise browsers would send "Origin: null" with the form.
    expect(headers['referrer-policy']).toBe('same-origin');
  });

  it('each submit of an invitation gets a new state and challenge and keeps the browser’s one cookie', async () => {
    const { invitation } = await acme.invite();
    const browser = openBrowser(stack);
    const [one, two] = [await browser.submit(invitation.url), await browser.submit(invitation.url)];
    const parameters = [one, two].map(({ headers }) =>
      Object.fromEntries(new URL(headers.location ?? '').searchParams),
    );
    expect(parameters[0]).toMatchObject({
      response_type: 'code',
      redirect_uri: `${stack.publicUrl}/ovh/oauth2/callback`,
      code_challenge_method: 'S256',
      scope: 'all',
    });
    for (const name of ['state', 'code_challenge']) expect(parameters[0]?.[name]).not.toBe(parameters[1]?.[name]);
    expect(one.cookies).toHaveLength(1);
    expect(one.cookies[0]).toMatchObject({ name: 'mooring-browser', httpOnly: true, sameSite: 'Lax', path: '/' });
    expect(two.cookies[0]?.value).toBe(one.cookies[0]?.value);
  });

  it.each<[string, Record<string, string>]>([
    ['another site', { origin: 'https://evil.example' }],
    ['a sandboxed frame', { origin: 'null' }],
  ])('an invitation form that is sent from %s is refused', async (_what, headers) => {
    const { invitation } = await acme.invite();
    const reply = await openBrowser(stack).submit(invitation.url, {}, headers);
    expect(reply.statusCode).toBe(403);
    expect(reply.headers['set-cookie']).toBeUndefined();
    expect(reply.body).toContain('foreign_origin');
  });

  it('an invitation with a passcode needs the right one, and is blocked for 15 minutes after five wrong ones', async () => {
    const { invitation } = await acme.invite({ invitation: { passcode: 'tulip-42' } });
    expect((await pageOf(invitation.url)).body).toContain('name="passcode"');
    const browser = openBrowser(stack);
    const attempt = async (passcode: string) => await browser.submit(invitation.url, { passcode });
    expect((await attempt(' tulip-42 ')).statusCode).toBe(303);
    for (const wrong of ['', 'tulip', 'tulip-43', 'TULIP-42', 'tulip-4']) {
      const reply = await attempt(wrong);
      expect(reply.statusCode).toBe(403);
      expect(reply.body).toContain('That is not the passcode of this link');
      expect(reply.headers['location']).toBeUndefined();
    }
    const blocked = await attempt('tulip-42');
    expect(blocked.statusCode).toBe(429);
    expect(Number(blocked.headers['retry-after'])).toBeGreaterThan(0);
    stack.advance(15 * 60);
    expect((await attempt('tulip-42')).statusCode).toBe(303);
  });

  it.each<[string, (invited: Invited) => Promise<unknown>, number, string]>([
    [
      'replaced',
      async ({ connection }) => await acme.call('POST', `/${connection.id}/invitation`),
      410,
      'invitation_replaced',
    ],
    [
      'revoked',
      async ({ connection }) => await acme.call('DELETE', `/${connection.id}/invitation`),
      410,
      'invitation_replaced',
    ],
    ['disconnected', async ({ connection }) => await acme.call('DELETE', `/${connection.id}`), 410, 'connection_ended'],
  ])(
    'an invitation that was %s is refused with the reason, both opened and submitted',
    async (_what, change, status, code) => {
      const invited = await acme.invite();
      await change(invited);
      for (const reply of [
        await pageOf(invited.invitation.url),
        await openBrowser(stack).submit(invited.invitation.url),
      ]) {
        expect(reply.statusCode).toBe(status);
        expect(reply.body).toContain(code);
        expect(reply.headers['location']).toBeUndefined();
      }
    },
  );

  it('a completed invitation cannot be used again', async () => {
    const { invitation } = await connect(stack, acme);
    const reply = await openBrowser(stack).submit(invitation.url);
    expect(reply.statusCode).toBe(410);
    expect(reply.body).toContain('invitation_completed');
  });

  it('an invitation whose sign-in is being checked cannot be started a second time', async () => {
    const { connection, invitation } = await acme.invite({ invitation: { confirm: true } });
    const { browser, callback } = await signIn(stack, invitation.url);
    await browser.open(callback);
    await acme.until(connection.id, 'verifying');
    const reply = await openBrowser(stack).submit(invitation.url);
    expect(reply.statusCode).toBe(409);
    expect(reply.body).toContain('invitation_in_progress');
  });

  it('an expired invitation is reported as expired, and an altered link is not found', async () => {
    const { invitation } = await acme.invite({ invitation: { lifetimeSeconds: 3600 } });
    expect((await pageOf(`${invitation.url.slice(0, -4)}AAAA`)).statusCode).toBe(404);
    stack.advance(3600);
    const reply = await pageOf(invitation.url);
    expect(reply.statusCode).toBe(410);
    expect(reply.body).toContain('This link has expired');
  });
});
