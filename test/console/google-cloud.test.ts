import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { startStandInWorld } from '../e2e/support/stand-in-world.ts';
import type { World } from '../e2e/support/world.ts';
import { createCustomer, type Customer } from '../support/customer.ts';
import { invitePeople, type People } from './support/people.ts';

const { chromium, temporal } = inject('components');
const START_WITHIN_MS = 120_000;
const ada = { sub: '110000000000000000001', email: 'ada@lindqvist.example' };
const newcomer = 'newcomer@lindqvist-web.iam.gserviceaccount.com';

describe.skipIf(chromium === null || temporal === null)('Google Cloud in a browser', { timeout: 60_000 }, () => {
  let world: World;
  let customer: Customer;
  let people: People;
  beforeAll(async () => {
    world = await startStandInWorld();
    customer = createCustomer(world.running);
    people = await invitePeople(chromium?.path ?? '');
  }, START_WITHIN_MS);
  afterAll(async () => {
    await people.goHome();
    await world.stop();
  }, START_WITHIN_MS);

  const says = async (page: Page, text: string | RegExp): Promise<void> =>
    await page.getByRole('heading', { level: 1 }).filter({ hasText: text }).waitFor();
  const invite = async (method: string) =>
    await customer.platform.invite({ provider: 'gcp', region: 'global', method, name: 'Web shop' });
  const signIn = async (page: Page, url: string): Promise<void> => {
    await page.goto(url);
    await page.getByRole('button', { name: 'Continue to Google Cloud' }).click();
    await says(page, 'Simulated Google');
  };
  const consolePage = (name: string) => `${world.running.sandbox}/gcp/console/iam-admin/${name}`;
  const keyFile = async (page: Page, account: string): Promise<string> =>
    await page.getByLabel(`Key file of ${account}`).inputValue();

  test.for([
    { method: 'authorization_code', asks: 'See, edit, configure, and delete your Google Cloud data' },
    { method: 'authorization_code_readonly', asks: 'View your data across Google Cloud services' },
  ])('somebody signs in by $method, sees what is asked for, and is connected', async ({ method, asks }) => {
    const person = await people.someone();
    const { page } = person;
    const { connection, invitation } = await invite(method);
    await signIn(page, invitation.url);
    await page.getByText(asks).waitFor();
    await person.picture(`google-${method}`);
    await page.getByRole('button', { name: 'Continue' }).click();
    await says(page, 'Connected');
    await page.getByText(ada.email).waitFor();
    const active = await customer.platform.until(connection.id, 'active');
    expect(active).toMatchObject({ account: { id: ada.sub, displayName: ada.email }, credential: { renewable: true } });
    expect(person.troubles).toEqual([]);
  });

  test('who leaves the box unticked is told so, and signs in again', async () => {
    const person = await people.someone();
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
    expect((await customer.platform.until(connection.id, 'active')).account).toMatchObject({ id: ada.sub });
  });

  test('a key is copied from the console that the guide links to, and pasted', async () => {
    const person = await people.someone();
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
    const active = await customer.platform.until(connection.id, 'active');
    expect(active.account).toMatchObject({ id: '120000000000000000001' });
    expect(person.troubles).toEqual([]);
  });

  test('a service account without a role is waited for, with the role to grant and where', async () => {
    const person = await people.someone();
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
    await page.getByRole('button', { name: 'Try now' }).click();
    await says(page, 'Connected');
    expect((await customer.platform.until(connection.id, 'active')).account).toMatchObject({ displayName: newcomer });
  });
});
