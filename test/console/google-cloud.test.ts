import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { inBrowser } from './support/in-browser.ts';
import { isLetIn, says } from './support/page.ts';

const ada = { sub: '110000000000000000001', email: 'ada@lindqvist.example' };
const newcomer = 'newcomer@lindqvist-web.iam.gserviceaccount.com';

inBrowser('Google Cloud in a browser', (stage) => {
  const invite = async (method: string) =>
    await stage.platform.invite({ provider: 'gcp', region: 'global', method, name: 'Web shop' });
  const signIn = async (page: Page, url: string): Promise<void> => {
    await page.goto(url);
    await page.getByRole('button', { name: 'Continue to Google Cloud' }).click();
    await says(page, 'Simulated Google');
  };
  const consolePage = (name: string) => `${stage.world.running.sandbox}/gcp/console/iam-admin/${name}`;
  const keyFile = async (page: Page, account: string): Promise<string> =>
    await page.getByLabel(`Key file of ${account}`).inputValue();

  test.for([
    { method: 'authorization_code', asks: 'See, edit, configure, and delete your Google Cloud data' },
    { method: 'authorization_code_readonly', asks: 'View your data across Google Cloud services' },
  ])(
    'a customer signs in to Google Cloud by $method, sees the requested access, and is connected',
    async ({ method, asks }) => {
      const person = await stage.someone();
      const { page } = person;
      const { connection, invitation } = await invite(method);
      await signIn(page, invitation.url);
      await page.getByText(asks).waitFor();
      await person.picture(`google-${method}`);
      await page.getByRole('button', { name: 'Continue' }).click();
      await says(page, 'Connected');
      await page.getByText(ada.email).waitFor();
      const active = await stage.platform.until(connection.id, 'active');
      expect(active).toMatchObject({
        account: { id: ada.sub, displayName: ada.email },
        credential: { renewable: true },
      });
      expect(person.troubles).toEqual([]);
    },
  );

  test('a customer who unticks the box is shown the missing scope and signs in again', async () => {
    const person = await stage.someone();
    const { page } = person;
    const { connection, invitation } = await invite('authorization_code');
    await signIn(page, invitation.url);
    await page.getByRole('checkbox').uncheck();
    await page.getByRole('button', { name: 'Continue' }).click();
    await says(page, 'Not connected');
    await page.getByText('scope_not_granted').waitFor();
    await signIn(page, invitation.url);
    await page.getByRole('button', { name: 'Continue' }).click();
    await says(page, 'Connected');
    expect((await stage.platform.until(connection.id, 'active')).account).toMatchObject({ id: ada.sub });
  });

  test('a service account key from the console that the guide links to is pasted and connected', async () => {
    const person = await stage.someone();
    const { page } = person;
    const { connection, invitation } = await invite('service_account');
    await page.goto(invitation.url);
    await person.picture('google-service-account');
    const opened = page.waitForEvent('popup');
    await page.getByRole('link', { name: 'Open the service accounts in the console' }).click();
    const file = await keyFile(await opened, 'mooring@lindqvist-web.iam.gserviceaccount.com');
    await page.getByLabel('Service account key').fill(file);
    await page.getByRole('button', { name: 'Connect Google Cloud' }).click();
    await says(page, 'Connected');
    const active = await stage.platform.until(connection.id, 'active');
    expect(active.account).toMatchObject({ id: '120000000000000000001' });
    expect(person.troubles).toEqual([]);
  });

  test('a service account without a role waits with the role to grant, and is connected once it is granted', async () => {
    const person = await stage.someone();
    const { page } = person;
    const { connection, invitation } = await invite('service_account');
    const console = await person.newTab();
    await console.goto(consolePage('serviceaccounts'));
    const file = await keyFile(console, newcomer);
    await page.goto(invitation.url);
    await page.getByLabel('Service account key').fill(file);
    await page.getByRole('button', { name: 'Connect Google Cloud' }).click();
    await page.getByText('no_projects').waitFor();
    await page.getByText('roles/viewer').first().waitFor();
    await person.picture('google-no-projects');
    await console.goto(consolePage('iam'));
    await console.getByRole('group', { name: newcomer }).getByRole('button').click();
    await isLetIn(page);
    expect((await stage.platform.until(connection.id, 'active')).account).toMatchObject({ displayName: newcomer });
  });
});
