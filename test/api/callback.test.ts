import { beforeAll, describe, expect, it } from 'vitest';
import { stateHash } from '../../api/sign-in/oauth-state.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import { openBrowser, type Browser } from './support/browser.ts';
import { platform, signIn, type Platform } from './support/connect.ts';
import { eventually } from '../support/eventually.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();

interface ProgressReply {
  readonly tone: string;
  readonly title: string;
  readonly account: string | null;
  readonly problem: { readonly code: string } | null;
  readonly done: boolean;
}

describe.skipIf(address === null)('the redirect from a cloud', () => {
  let stack: Stack;
  let acme: Platform;
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    acme = platform(stack, await stack.keyFor('acme', 'admin'));
  });
  const begin = async (options: Parameters<typeof signIn>[2] = {}) => {
    const invited = await acme.invite();
    return { ...invited, ...(await signIn(stack, invited.invitation.url, options)) };
  };
  const resultOf = async (browser: Browser, path: string): Promise<ProgressReply> =>
    await eventually('the sign-in to be over', async () => {
      const progress = (await browser.open(`${path}/progress`)).json<ProgressReply>();
      return progress.done && progress;
    });
  const stays = async (id: string) =>
    expect(await acme.get(id)).toMatchObject({ status: 'awaiting_customer', problem: null });

  it('the callback leads to a result page that follows the sign-in until the account is connected', async () => {
    const { browser, callback, connection } = await begin();
    const reply = await browser.open(callback);
    expect(reply.statusCode).toBe(303);
    expect(reply.headers['referrer-policy']).toBe('no-referrer');
    const path = reply.headers.location ?? '';
    expect(path).toMatch(/^\/result\//);
    const progress = await resultOf(browser, path);
    expect(progress).toMatchObject({ tone: 'good', title: 'Connected', problem: null });
    const { account } = await acme.get(connection.id);
    const page = await browser.open(path);
    expect(page.body).toContain('Connected');
    expect(page.body).toContain(account?.id);
    expect(progress.account).toContain(account?.id);
  });

  it('the result page of a sign-in is refused in another browser', async () => {
    const { browser, callback } = await begin();
    const path = (await browser.open(callback)).headers.location ?? '';
    const other = openBrowser(stack);
    expect((await other.open(path)).statusCode).toBe(403);
    expect((await other.open(`${path}/progress`)).json()).toMatchObject({ status: 403, code: 'other_browser' });
    expect((await other.open('/result/nothing')).statusCode).toBe(404);
  });

  it('a callback in another browser is refused and does not use up the sign-in', async () => {
    const { browser, callback, connection } = await begin();
    const stranger = openBrowser(stack);
    const refused = await stranger.open(callback);
    expect(refused.statusCode).toBe(403);
    expect(refused.body).toContain('This sign-in was begun in another browser');
    // A browser that has its own sign-in under way is refused too.
    const { browser: busy } = await begin();
    expect((await busy.open(callback)).statusCode).toBe(403);
    await stays(connection.id);
    expect((await browser.open(callback)).statusCode).toBe(303);
    await acme.until(connection.id, 'active');
  });

  it('a callback works once: reloading it changes nothing and links to the result', async () => {
    const { browser, callback, connection } = await begin();
    const first = await browser.open(callback);
    await acme.until(connection.id, 'active');
    const reloaded = await browser.open(callback);
    expect(reloaded.statusCode).toBe(200);
    expect(reloaded.body).toContain('Invalid or expired state token');
    expect(reloaded.body).toContain(`href="${first.headers.location}"`);
    const elsewhere = await openBrowser(stack).open(callback);
    expect(elsewhere.statusCode).toBe(400);
    expect(elsewhere.body).not.toContain('/result/');
    expect(await acme.get(connection.id)).toMatchObject({ status: 'active', credential: { generation: 1 } });
  });

  it('a callback that arrives ten times at once redeems its code once', async () => {
    const { browser, callback, connection } = await begin();
    const replies = await Promise.all(Array.from({ length: 10 }, () => browser.open(callback)));
    for (const { statusCode } of replies) expect([200, 303]).toContain(statusCode);
    await acme.until(connection.id, 'active');
    expect((await stack.cloud.counters()).codesRedeemedTwice).toBe(0);
  });

  it('a callback with another code for a claimed state is refused', async () => {
    const { browser, callback } = await begin();
    const forged = new URL(callback);
    forged.searchParams.set('code', 'an-attackers-code');
    const state = forged.searchParams.get('state') ?? '';
    // As if the process had died between the claim and the hand-over.
    await stack.ephemeral.put(ephemeralKeys.oauthStateClaim(stateHash(state)), 'the hash of the first code', 600);
    const reply = await browser.open(forged.href);
    expect(reply.statusCode).toBe(409);
    expect(reply.body).toContain('state_already_used');
  });

  it('a callback after ten minutes is refused, and the page says what to do', async () => {
    const { browser, callback, connection } = await begin();
    stack.advance(600);
    const reply = await browser.open(callback);
    expect(reply.statusCode).toBe(400);
    expect(reply.body).toContain('Invalid or expired state token');
    expect(reply.body).toContain('Open the invitation link again');
    await stays(connection.id);
  });

  it.each([
    ['nothing', '', 'Missing code or state parameter'],
    ['a code without a state', '?code=x', 'Missing code or state parameter'],
    ['a state without a code', '?state=x', 'Missing code or state parameter'],
    ['an empty code', '?code=&state=x', 'Missing code or state parameter'],
    ['a state that was never issued', `?code=x&state=${'A'.repeat(43)}`, 'Invalid or expired state token'],
    ['a refusal without a state', '?error=access_denied', 'The cloud ended the sign-in (access_denied)'],
  ])('a callback with %s is refused with the reason', async (_what, query, sentence) => {
    const reply = await openBrowser(stack).open(`/ovh/oauth2/callback${query}`);
    expect(reply.statusCode).toBe(400);
    expect(reply.body).toContain(sentence);
  });

  it('a callback from another issuer is refused and does not use up the sign-in (mix-up)', async () => {
    const { browser, callback, connection } = await begin();
    const mixed = await browser.open(`${callback}&iss=https%3A%2F%2Fevil.example`);
    expect(mixed.statusCode).toBe(400);
    expect(mixed.body).toContain('invalid_authorization_response');
    await stays(connection.id);
    expect((await browser.open(callback)).statusCode).toBe(303);
    await acme.until(connection.id, 'active');
  });

  it.each(['code', 'state', 'error', 'iss'])(
    'a callback with the parameter %s given twice is refused and does not use up the sign-in',
    async (name) => {
      const { browser, callback, connection } = await begin();
      const doubled = new URL(callback);
      doubled.searchParams.append(name, doubled.searchParams.get(name) ?? 'one');
      doubled.searchParams.append(name, 'two');
      const refused = await browser.open(doubled.href);
      expect(refused.statusCode).toBe(400);
      expect(refused.body).toContain('repeated_parameter');
      await stays(connection.id);
      expect((await browser.open(callback)).statusCode).toBe(303);
      await acme.until(connection.id, 'active');
    },
  );

  it('a callback with a refusal is shown as a refusal, and the link can be used again', async () => {
    const { browser, callback, connection, invitation } = await begin({ decision: 'refuse' });
    const reply = await browser.open(callback);
    expect(reply.statusCode).toBe(303);
    const progress = await resultOf(browser, reply.headers.location ?? '');
    expect(progress).toMatchObject({ tone: 'bad', problem: { code: 'customer_declined' } });
    await eventually(
      'the refusal to be told',
      async () => (await acme.get(connection.id)).problem?.code === 'customer_declined',
    );
    const again = await signIn(stack, invitation.url, { browser });
    await browser.open(again.callback);
    await acme.until(connection.id, 'active');
  });

  it('a callback for a link that was replaced meanwhile is refused, and its code is not redeemed', async () => {
    const { browser, callback, connection } = await begin();
    await acme.call('POST', `/${connection.id}/invitation`);
    const reply = await browser.open(callback);
    expect(reply.statusCode).toBe(410);
    expect(reply.body).toContain('invitation_replaced');
    await stays(connection.id);
    expect((await stack.cloud.counters()).requests['token.code'] ?? 0).toBe(
      (await stack.cloud.counters()).codesRedeemed,
    );
  });

  it('a callback for a connection that has ended meanwhile is refused with that reason', async () => {
    const { browser, callback, connection } = await begin();
    await acme.call('DELETE', `/${connection.id}`);
    await acme.until(connection.id, 'disconnected');
    const reply = await browser.open(callback);
    expect(reply.statusCode).toBe(410);
    expect(reply.body).toContain('connection_ended');
  });

  it('code, state and verifier are readable neither in the ephemeral store nor in the log', async () => {
    const { browser, callback } = await begin();
    const { code, state } = Object.fromEntries(new URL(callback).searchParams);
    const hash = stateHash(state ?? '');
    const waiting = JSON.stringify(await stack.ephemeral.get(ephemeralKeys.oauthState(hash)));
    await browser.open(callback);
    const after = JSON.stringify(await stack.ephemeral.get(ephemeralKeys.oauthState(hash)));
    const { open } = JSON.parse(stack.keyRing.open('oauth-state', JSON.parse(waiting), hash).toString()) as {
      open: { verifier: string };
    };
    for (const secret of [code, state, open.verifier]) {
      expect(waiting + after + stack.log()).not.toContain(secret);
      expect(stack.keyRing.open('oauth-state', JSON.parse(after), hash).toString()).not.toContain(secret);
    }
    expect(await stack.ephemeral.get(ephemeralKeys.oauthStateClaim(hash))).toBeUndefined();
  });
});
