import { beforeAll, describe, expect, it } from 'vitest';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import { eventually } from '../support/eventually.ts';
import { openBrowser } from './support/browser.ts';
import { platform, signIn, type Invited, type Platform } from './support/connect.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();
const withPasscode = { invitation: { passcode: true } };

describe.skipIf(address === null)('the passcode of a link', { timeout: 30_000 }, () => {
  let stack: Stack;
  let acme: Platform;
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    acme = platform(stack, await stack.keyFor('acme', 'admin'));
  });
  const passcodeOf = ({ invitation }: Invited): string => invitation.passcode ?? expect.fail('no passcode');

  it('a passcode that Mooring makes is in the reply alone, and lets the customer in however it is typed', async () => {
    const invited = await acme.invite(withPasscode);
    const passcode = passcodeOf(invited);
    expect(passcode).toMatch(/^[0-9A-Z]{5}-[0-9A-Z]{5}$/);
    const { id } = invited.connection;
    expect((await openBrowser(stack).submit(invited.invitation.url, { passcode: 'WRONG-WRONG' })).statusCode).toBe(403);
    const typed = passcode.toLowerCase().replace('-', ' ');
    const { browser, callback } = await signIn(stack, invited.invitation.url, { passcode: typed });
    expect((await browser.open(callback)).statusCode).toBe(303);
    await acme.until(id, 'active');
    const history = JSON.stringify(await stack.client.workflow.getHandle(id).fetchHistory());
    const told = [stack.log(), history, JSON.stringify(await acme.get(id)), invited.invitation.url];
    for (const text of told) expect(text).not.toContain(passcode);
  });

  it('a repeated request gets the same passcode, and each new link another one', async () => {
    const key = { 'idempotency-key': 'made' };
    const create = async () =>
      (await acme.call('POST', '', { provider: 'ovh', region: 'ovh-eu', ...withPasscode }, key)).json<Invited>();
    const first = await create();
    expect((await create()).invitation).toEqual(first.invitation);
    const { id } = first.connection;
    const next = (await acme.call('POST', `/${id}/invitation`, withPasscode.invitation)).json<Invited>();
    expect(passcodeOf(next)).not.toBe(passcodeOf(first));
    const own = await acme.call('POST', `/${id}/invitation`, { passcode: 'tulip-42' });
    expect(own.json<Invited>().invitation.passcode).toBeUndefined();
  });

  it.each([
    ['too short', 'tulip-4', '"invitation.passcode" must not have fewer than 8 characters.'],
    ['one character again and again', '77777777', '"invitation.passcode" is too easy to guess'],
    ['a sequence', '12345678', '"invitation.passcode" is too easy to guess'],
    ['switched off', false, '"invitation.passcode" must be true.'],
  ])('a passcode is refused that is %s', async (_what, passcode, sentence) => {
    const body = { provider: 'ovh', region: 'ovh-eu', invitation: { passcode } };
    const reply = await acme.call('POST', '', body);
    expect(reply.json<{ errors: string[] }>().errors.join(' ')).toContain(`body: ${sentence}`);
  });

  it('a link whose passcode was wrong twenty times is locked for good, and the tenant is told what to do', async () => {
    const invited = await acme.invite(withPasscode);
    const { connection, invitation } = invited;
    const { id } = connection;
    const attempt = async (passcode: string) => await openBrowser(stack).submit(invitation.url, { passcode });
    for (let tries = 1; tries < 20; tries++) {
      expect((await attempt('wrong')).statusCode).toBe(403);
      if (tries % 5 === 0) stack.advance(15 * 60);
    }
    const last = await attempt('wrong');
    expect(last.statusCode).toBe(410);
    expect(last.body).toContain('This link is locked');
    expect(last.body).toContain('Ask the person who sent it for a new link');
    const told = await eventually('the lock', async () => {
      const now = await acme.get(id);
      return now.invitation?.locked && now;
    });
    expect(told).toMatchObject({ status: 'awaiting_customer', problem: { code: 'invitation_locked' } });
    expect(told.problem?.remedy).toContain('POST /v1/connections/{id}/invitation');
    expect((await acme.call('GET', `/${id}/timeline`)).body).toContain('"invitation_locked"');

    // The lock does not depend on the counters.
    const counter = `passcode:${id}:1`;
    for (const name of [counter, `${counter}:ever`]) await stack.ephemeral.delete(ephemeralKeys.rateLimit(name));
    for (const reply of [await openBrowser(stack).open(invitation.url), await attempt(passcodeOf(invited))]) {
      expect(reply.statusCode).toBe(410);
      expect(reply.body).toContain('invitation_locked');
      expect(reply.headers['location']).toBeUndefined();
    }

    const next = (await acme.call('POST', `/${id}/invitation`, withPasscode.invitation)).json<Invited>();
    expect(next.connection).toMatchObject({ problem: null, invitation: { epoch: 2, locked: false } });
    const { browser, callback } = await signIn(stack, next.invitation.url, { passcode: passcodeOf(next) });
    await browser.open(callback);
    await acme.until(id, 'active');
  });
});
