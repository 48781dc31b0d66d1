import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { createInvitationLinks } from '../../api/sign-in/links.ts';
import type { Invited } from '../support/platform.ts';
import { inBrowser } from './support/in-browser.ts';
import { lookAt, says } from './support/page.ts';
import type { Person } from './support/people.ts';

const widths = [
  { width: 1280, height: 800 },
  { width: 375, height: 740 },
] as const;

inBrowser('a sign-in in a browser', (stage) => {
  const continueToCloud = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Continue to OVHcloud' }).click();
    await says(page, 'Simulated OVHcloud');
  };
  const signIn = async ({ page }: Person, { invitation }: Invited, button = 'Approve'): Promise<void> => {
    await page.goto(invitation.url);
    await continueToCloud(page);
    await page.getByRole('button', { name: button }).click();
  };

  test.for(widths)('an invitation leads to "Connected", with live progress, at $width px', async (viewport) => {
    const person = await stage.someone({ viewport });
    const { page } = person;
    const look = async (name: string): Promise<void> => await lookAt(person, `${viewport.width}-${name}`);
    const { connection, invitation } = await stage.platform.invite({ name: 'Billing and invoices' });

    await page.goto(invitation.url);
    await says(page, /asks for access to your OVHcloud account/);
    await look('invitation');
    await continueToCloud(page);
    await look('cloud');

    await stage.cloud.fault({ endpoint: 'token.code' }, { kind: 'hold_before' });
    await page.getByRole('button', { name: 'Approve' }).click();
    const hold = await stage.cloud.waitForHold('token.code');
    await says(page, /Almost there|Checking/);
    await look('progress');
    const address = page.url();
    expect(new URL(address).search).toBe('');
    await stage.cloud.release(hold);
    await says(page, 'Connected');
    expect(page.url()).toBe(address);
    await page.getByText('Lindqvist').waitFor();
    await look('connected');

    await stage.platform.until(connection.id, 'active');
    expect(await page.title()).toBe('Connected · Mooring');
    expect(person.troubles).toEqual([]);
  });

  test('a sign-in works without scripts, and the result page updates itself', async () => {
    const person = await stage.someone({ javaScriptEnabled: false });
    const invited = await stage.platform.invite();
    await stage.cloud.fault({ endpoint: 'token.code' }, { kind: 'hold_before' });
    await signIn(person, invited);
    const hold = await stage.cloud.waitForHold('token.code');
    await says(person.page, /Almost there|Checking/);
    await stage.cloud.release(hold);
    await says(person.page, 'Connected');
    expect(person.troubles).toEqual([]);
  });

  test('two tabs of one browser share its cookie, and a third one can see the result', async () => {
    const person = await stage.someone();
    const invited = await stage.platform.invite();
    const second = await person.newTab();
    await person.page.goto(invited.invitation.url);
    await second.goto(invited.invitation.url);
    await continueToCloud(person.page);
    await continueToCloud(second);
    expect(await person.page.context().cookies(stage.world.running.api)).toHaveLength(1);
    await person.page.getByRole('button', { name: 'Approve' }).click();
    await says(person.page, 'Connected');
    const third = await person.newTab();
    await third.goto(person.page.url());
    await says(third, 'Connected');
  });

  test('the result page is refused in another browser than the one that signed in', async () => {
    const person = await stage.someone();
    await signIn(person, await stage.platform.invite());
    await says(person.page, 'Connected');
    const stranger = await stage.someone();
    const response = await stranger.page.goto(person.page.url());
    expect(response?.status()).toBe(403);
    await says(stranger.page, 'This did not work');
    expect(await stranger.page.textContent('body')).not.toContain('Lindqvist');
    await stranger.picture('other-browser');
  });

  test('a refusal is shown as a refusal, and the link can be used again', async () => {
    const person = await stage.someone({ viewport: widths[1] });
    const invited = await stage.platform.invite();
    await signIn(person, invited, 'Refuse');
    await says(person.page, 'Not connected');
    await person.page.getByText('customer_declined').waitFor();
    await person.picture('refused');
    await signIn(person, invited);
    await says(person.page, 'Connected');
    expect(person.troubles).toEqual([]);
  });

  test('a wrong passcode is reported on the page, and the right one continues to the cloud', async () => {
    const person = await stage.someone({ viewport: widths[1] });
    const { page } = person;
    const { invitation } = await stage.platform.invite({ invitation: { passcode: 'tulip-42' } });
    await page.goto(invitation.url);
    await page.getByLabel('Passcode').fill('tulip-41');
    await page.getByRole('button', { name: 'Continue to OVHcloud' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('That is not the passcode of this link');
    await person.picture('passcode');
    await page.getByLabel('Passcode').fill('tulip-42');
    await continueToCloud(page);
  });

  test('links that are revoked, expired, completed or unknown show the reason and no button', async () => {
    const { platform } = stage;
    const person = await stage.someone();
    const revoked = await platform.invite();
    await platform.call('DELETE', `/v1/connections/${revoked.connection.id}/invitation`);
    const completed = await platform.invite();
    await signIn(person, completed);
    await says(person.page, 'Connected');
    const waiting = await platform.invite();
    const { keyRing, running } = stage.world;
    const links = createInvitationLinks({ keyRing, publicUrl: running.api, clock: { now: () => Date.now() } });
    const expiresAt = new Date(Date.now() - 60_000).toISOString();
    const expired = await links.url({ connection: waiting.connection.id, epoch: 1, expiresAt, passcode: undefined });

    const pages = [
      ['revoked', revoked.invitation.url, 410, 'This link has been replaced or revoked'],
      ['expired', expired, 410, 'This link has expired'],
      ['completed', completed.invitation.url, 410, 'This link has been completed'],
      ['unknown', `${running.api}/connect/nothing`, 404, 'This link is not valid'],
    ] as const;
    for (const [name, url, status, title] of pages) {
      const response = await person.page.goto(url);
      expect(response?.status(), name).toBe(status);
      await says(person.page, title);
      expect(await person.page.getByRole('button').count(), name).toBe(0);
      await person.picture(`link-${name}`);
    }
  });

  test('the back button and a reload of the callback change nothing, and the reload links to the result', async () => {
    const person = await stage.someone();
    const { page } = person;
    const invited = await stage.platform.invite();
    const callbacks: string[] = [];
    page.on('request', (request) => {
      if (new URL(request.url()).pathname.endsWith('/callback')) callbacks.push(request.url());
    });
    await signIn(person, invited);
    await says(page, 'Connected');
    expect(callbacks).toHaveLength(1);

    await page.goto(callbacks[0] ?? '');
    await says(page, 'Invalid or expired state token');
    await person.picture('callback-again');
    await page.getByRole('link', { name: 'See how it went' }).click();
    await says(page, 'Connected');

    await page.goBack();
    await page.goBack();
    await says(page, /Connected|Simulated OVHcloud/);
    const view = await stage.platform.get(invited.connection.id);
    expect(view).toMatchObject({ status: 'active', credential: { generation: 1 } });
    expect((await stage.cloud.counters()).codesRedeemedTwice).toBe(0);
  });
});
