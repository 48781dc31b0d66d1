import { liveKeys } from '../../../stores/secrets/credential-record.ts';
import { expect, test } from 'vitest';
import type { Connection } from '../../../api/connections/schema.ts';
import { createBrowser } from '../../support/browser.ts';
import type { Invited } from '../../support/platform.ts';
import type { InWorld } from '../connection.e2e.ts';

/** The invitation link, and what is required of the person who opens it. */
export function invitations({ customer, world }: InWorld): void {
  const page = async (url: string): Promise<{ status: number; text: string }> => {
    const response = await createBrowser().open(url);
    return { status: response.status, text: await response.text() };
  };

  test('only the newest link works, and a replaced, revoked or completed one answers 410 with the reason', async () => {
    const { platform } = customer();
    const { connection, invitation: first } = await platform.invite();
    const invitation = `/v1/connections/${connection.id}/invitation`;
    const { invitation: second } = await platform.call<Invited>('POST', invitation);
    expect(await page(first.url)).toMatchObject({ status: 410, text: expect.stringContaining('invitation_replaced') });
    await expect(customer().signIn(first.url)).rejects.toThrow('answers 410');
    expect(await page(second.url)).toMatchObject({ status: 200 });

    await platform.call('DELETE', invitation);
    expect(await page(second.url)).toMatchObject({ status: 410, text: expect.stringContaining('invitation_replaced') });

    const { invitation: third } = await platform.call<Invited>('POST', invitation);
    await (await customer().signIn(third.url)).arrive();
    await platform.until(connection.id, 'active');
    expect(await page(third.url)).toMatchObject({ status: 410, text: expect.stringContaining('invitation_completed') });
  });

  test('an invitation with a passcode is refused without the right passcode', async () => {
    const { platform } = customer();
    const { connection, invitation } = await platform.invite({ invitation: { passcode: 'tulip-42' } });
    await expect(customer().signIn(invitation.url)).rejects.toThrow('answers 403');
    await expect(customer().signIn(invitation.url, { passcode: 'tulip-43' })).rejects.toThrow('answers 403');
    await (await customer().signIn(invitation.url, { passcode: 'tulip-42' })).arrive();
    await platform.until(connection.id, 'active');
  });

  test('a connection with confirmation stores no live credential before the account is confirmed', async () => {
    const { platform } = customer();
    const { connection } = await customer().onboard({ invitation: { confirm: true } }, { account: 'ob67890-ovh' });
    const waiting = await platform.until(connection.id, ({ verification }) => verification?.step === 'confirmation');
    expect(waiting).toMatchObject({
      status: 'verifying',
      problem: { code: 'confirmation_required' },
      verification: { account: { id: 'ob67890-ovh' } },
    });
    expect(await world().secrets.read('live', liveKeys.renewal(connection.id))).toBeUndefined();

    await platform.call<Connection>('POST', `/v1/connections/${connection.id}/confirm`);
    expect(await platform.until(connection.id, 'active')).toMatchObject({ account: { id: 'ob67890-ovh' } });
    expect(await world().secrets.read('live', liveKeys.renewal(connection.id))).toBeDefined();
  });

  test('a sign-in that the customer declines is reported, and its link can be used again', async () => {
    const { platform } = customer();
    const { connection, invitation } = await platform.invite();
    await (await customer().signIn(invitation.url, { decision: 'refuse' })).arrive();
    const refused = await platform.until(connection.id, ({ problem }) => problem?.code === 'customer_declined');
    expect(refused.status).toBe('awaiting_customer');
    await (await customer().signIn(invitation.url)).arrive();
    await platform.until(connection.id, 'active');
  });
}
