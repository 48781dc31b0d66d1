import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { inBrowser } from './support/in-browser.ts';
import { isLetIn, says } from './support/page.ts';

inBrowser('Azure in a browser', (stage) => {
  const invite = async (method: string) =>
    await stage.platform.invite({ provider: 'azure', region: 'global', method, name: 'Web shop' });
  const signIn = async (page: Page, url: string, account: string): Promise<void> => {
    await page.goto(url);
    await page.getByRole('button', { name: 'Continue to Microsoft Azure' }).click();
    await says(page, 'Simulated Microsoft Entra ID');
    await page.getByRole('radio', { name: account }).check();
    await page.getByRole('button', { name: 'Accept' }).click();
  };
  const portal = async (page: Page): Promise<Page> => {
    const opened = page.waitForEvent('popup');
    await page.getByRole('link', { name: 'Open App registrations' }).click();
    return await opened;
  };
  const copy = async (from: Page, to: Page, application: string): Promise<void> => {
    for (const label of ['Directory (tenant) ID', 'Application (client) ID', 'Client secret']) {
      const value = await from.getByLabel(`${label} of ${application}`).inputValue();
      await to.getByLabel(label, { exact: true }).fill(value);
    }
  };

  test('a customer signs in to Azure and sees the connected account and its subscriptions', async () => {
    const person = await stage.someone();
    const { page } = person;
    const { connection, invitation } = await invite('authorization_code');
    await page.goto(invitation.url);
    await person.picture('azure-sign-in');
    await signIn(page, invitation.url, 'Ada Lindqvist');
    await says(page, 'Connected');
    await page.getByText('ada@lindqvist.example: Production, Staging').waitFor();
    const active = await stage.platform.until(connection.id, 'active');
    expect(active).toMatchObject({ credential: { renewable: true }, warnings: [] });
    expect(person.troubles).toEqual([]);
  });

  test('an administrator consents through the link on the page, and the same invitation continues', async () => {
    const person = await stage.someone();
    const { page } = person;
    const { connection, invitation } = await invite('authorization_code');
    await signIn(page, invitation.url, 'Bruno Okafor');
    await page.getByText('AADSTS90094').waitFor();
    await page.goto(invitation.url);
    const opened = page.waitForEvent('popup');
    await page.getByRole('link', { name: 'The link for your administrator' }).click();
    const administrator = await opened;
    await administrator.getByRole('radio', { name: 'Okafor & Sons' }).check();
    await administrator.getByRole('button', { name: 'Accept' }).click();
    await says(administrator, 'Consent given');
    await signIn(page, invitation.url, 'Bruno Okafor');
    await says(page, 'Connected');
    expect((await stage.platform.until(connection.id, 'active')).account?.displayName).toContain('Okafor main');
  });

  test('a service principal from the portal that the guide links to is connected', async () => {
    const person = await stage.someone();
    const { page } = person;
    const { connection, invitation } = await invite('client_secret');
    await page.goto(invitation.url);
    await copy(await portal(page), page, 'reader');
    await person.picture('azure-service-principal');
    await page.getByRole('button', { name: 'Connect Microsoft Azure' }).click();
    await says(page, 'Connected');
    await stage.platform.until(connection.id, 'active');
    expect(person.troubles).toEqual([]);
  });

  test('a service principal without a role waits, and is connected once the role is assigned', async () => {
    const person = await stage.someone();
    const { page } = person;
    const { connection, invitation } = await invite('client_secret');
    await page.goto(invitation.url);
    const console = await portal(page);
    await copy(console, page, 'roleless');
    await page.getByRole('button', { name: 'Connect Microsoft Azure' }).click();
    await page.getByText('No enabled subscription found').waitFor();
    await person.picture('azure-no-subscription');
    await console.getByRole('button', { name: 'Assign the Reader role' }).click();
    await isLetIn(page);
    const active = await stage.platform.until(connection.id, 'active');
    expect(active.account?.displayName).toMatch(/: Production, Staging$/);
  });
});
