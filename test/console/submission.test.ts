import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { Invited } from '../support/platform.ts';
import { inBrowser } from './support/in-browser.ts';
import { isLetIn, lookAt, says } from './support/page.ts';
import type { Person } from './support/people.ts';

const account = '222233334441';

const widths = [
  { width: 1280, height: 800 },
  { width: 390, height: 780 },
] as const;

inBrowser('submitted values in a browser', (stage) => {
  const invite = async (more: object = {}): Promise<Invited> =>
    await stage.platform.invite({ provider: 'aws', region: 'aws', name: 'Billing and invoices', ...more });
  const submit = async (page: Page): Promise<void> =>
    await page.getByRole('button', { name: 'Connect Amazon Web Services' }).click();
  const arnOf = (name: string): string => `arn:aws:iam::${account}:role/${name}`;
  const newName = (): string => `mooring-${randomUUID().slice(0, 8)}`;
  /** Reads the trust policy from the page, as a customer does, and makes the role. */
  const makeRole = async ({ page }: Person, name: string): Promise<string> => {
    const text = await page.getByText('"sts:ExternalId"').last().textContent();
    return await stage.cloud.putAwsRole({ name, trustPolicy: JSON.parse(text ?? '') as object });
  };

  test.for(widths)('a role that is made as the page says is connected by its ARN, at $width px', async (viewport) => {
    const person = await stage.someone({ viewport });
    const { page } = person;
    const look = async (name: string): Promise<void> => await lookAt(person, `${viewport.width}-form-${name}`);
    const { connection, invitation } = await invite();
    await page.goto(invitation.url);
    await says(page, /asks for access to your Amazon Web Services account/);
    await look('closed');
    await page.getByText('By hand: the trust policy').click();
    await page.getByText('With Terraform').click();
    await look('open');

    await page.getByLabel('Role ARN').fill(await makeRole(person, newName()));
    await submit(page);
    await says(page, 'Connected');
    await page.getByText(account).waitFor();
    await look('connected');
    await stage.platform.until(connection.id, 'active');
    expect(person.troubles).toEqual([]);
  });

  test('the copy button copies the trust policy that the page shows', async () => {
    const person = await stage.someone({ permissions: ['clipboard-read', 'clipboard-write'] });
    const { page } = person;
    await page.goto((await invite()).invitation.url);
    await page.getByText('By hand: the trust policy').click();
    const shown = await page.getByText('"sts:ExternalId"').last().textContent();
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(shown);
    expect(person.troubles).toEqual([]);
  });

  test.for([
    { scripts: true, how: 'with scripts' },
    { scripts: false, how: 'without scripts' },
  ])('a mistake is reported next to its field and the typed values are kept, $how', async ({ scripts }) => {
    const person = await stage.someone({ javaScriptEnabled: scripts, viewport: widths[1] });
    const { page } = person;
    const { invitation, connection } = await invite();
    await page.goto(invitation.url);
    const policy = 'a session policy that the server is to give back';
    await page.getByLabel('Session policy').fill(policy);
    const name = newName();
    await page.getByLabel('Role ARN').fill(arnOf(name));
    await page.getByLabel('Session length').fill('twelve');
    // The browser would report it first; the server must not rely on that.
    await page.locator('form').evaluate((form) => form.setAttribute('novalidate', ''));
    await submit(page);
    const field = page.getByLabel('Session length');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    const described = (await field.getAttribute('aria-describedby'))?.split(' ')[0] ?? '';
    expect(await page.locator(`[id="${described}"]`).textContent()).toContain('does not look right');
    expect(await page.getByLabel('Session policy').inputValue()).toBe(policy);
    expect(await page.getByLabel('Role ARN').inputValue()).toBe(arnOf(name));
    await person.picture(`form-mistake-${scripts ? 'scripts' : 'plain'}`);

    await makeRole(person, name);
    await page.getByLabel('Session length').fill('900');
    await page.getByLabel('Session policy').fill('');
    await submit(page);
    await says(page, 'Connected');
    await stage.platform.until(connection.id, 'active');
  });

  test('the page of a role without access shows the tries and the last problem and offers a try at once', async () => {
    const person = await stage.someone({ viewport: widths[1] });
    const { page } = person;
    const { connection, invitation } = await invite({ invitation: { passcode: 'tulip-42' } });
    const name = newName();
    await page.goto(invitation.url);
    await page.getByLabel('Role ARN').fill(arnOf(name));
    await page.getByLabel('Passcode').fill('tulip-41');
    await submit(page);
    expect(await page.getByRole('alert').textContent()).toContain('That is not the passcode of this link');
    await page.getByLabel('Passcode').fill('tulip-42');
    const trustPolicy = JSON.parse((await page.getByText('"sts:ExternalId"').last().textContent()) ?? '') as object;
    await submit(page);

    await says(page, 'Not let in yet');
    await page.getByText(/Tried \d times; the next try is at/).waitFor();
    await page.getByText('role_not_assumable').waitFor();
    await lookAt(person, '390-form-waiting');
    await stage.cloud.putAwsRole({ name, trustPolicy });
    await isLetIn(page);
    await stage.platform.until(connection.id, 'active');
    // The page that reported the wrong passcode had the status 403.
    expect(person.troubles.filter((trouble) => !trouble.includes('403 (Forbidden)'))).toEqual([]);
  });

  test('a mistyped ARN is corrected with the same link while it is being tried', async () => {
    const person = await stage.someone();
    const { page } = person;
    const { connection, invitation } = await invite();
    const name = newName();
    await page.goto(invitation.url);
    await makeRole(person, name);
    await page.getByLabel('Role ARN').fill(arnOf(`${name}-mistyped`));
    await submit(page);
    await says(page, 'Not let in yet');
    await page.getByRole('link', { name: 'Change what was submitted' }).click();
    await page.getByText('is being tried at this moment').waitFor();
    await person.picture('form-again');
    await page.getByLabel('Role ARN').fill(arnOf(name));
    await submit(page);
    await says(page, 'Connected');
    const { account: connected } = await stage.platform.until(connection.id, 'active');
    expect(connected?.displayName).toBe(name);
  });

  test('a refused trust policy is shown on the form, and other values are accepted', async () => {
    const person = await stage.someone();
    const { page } = person;
    const { connection, invitation } = await invite();
    const name = newName();
    const open = [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }];
    await stage.cloud.putAwsRole({ name, trustPolicy: { Version: '2012-10-17', Statement: open } });
    await page.goto(invitation.url);
    await page.getByLabel('Role ARN').fill(arnOf(name));
    await submit(page);
    await says(page, 'Not connected');
    await page.getByRole('link', { name: 'Try again' }).click();
    await page.getByText('insecure_trust_policy').waitFor();
    await person.picture('form-refused');
    await makeRole(person, name);
    await page.getByLabel('Role ARN').fill(arnOf(name));
    await submit(page);
    await says(page, 'Connected');
    expect(await stage.platform.until(connection.id, 'active')).toMatchObject({ problem: null });
  });

  test('one of several sets of values can be chosen and filled in without scripts', async () => {
    const person = await stage.someone({ javaScriptEnabled: false, viewport: widths[1] });
    const { page } = person;
    const keys = await stage.cloud.ovh.createKeys();
    const projects = await stage.cloud.ovh.projects();
    const { connection, invitation } = await stage.platform.invite({ method: 'client_credentials' });
    await page.goto(invitation.url);
    expect(await page.getByLabel('Application key').isVisible()).toBe(false);
    await page.getByLabel('Make one for me').check();
    expect(await page.getByLabel('Client secret').isVisible()).toBe(false);
    await page.getByLabel('Application key').fill(keys.applicationKey);
    await page.getByLabel('Application secret').fill(keys.applicationSecret);
    await page.getByLabel('Public Cloud projects').fill(projects.map(({ id }) => id).join('\n'));
    await page.getByLabel('Access').selectOption('manage');
    await page.getByRole('button', { name: 'Connect OVHcloud' }).click();
    await page.getByText('"Consumer key" is missing.').waitFor();
    await person.picture('390-form-variant');
    expect(await page.getByLabel('Make one for me').isChecked()).toBe(true);
    expect(await page.getByLabel('Access').inputValue()).toBe('manage');
    // The form does not return secret values.
    expect(await page.getByLabel('Application secret').inputValue()).toBe('');
    await page.getByLabel('Application secret').fill(keys.applicationSecret);
    await page.getByLabel('Consumer key').fill(keys.consumerKey);
    await page.getByRole('button', { name: 'Connect OVHcloud' }).click();
    await says(page, 'Connected');
    await stage.platform.until(connection.id, 'active');
    expect(await page.content()).not.toContain(keys.applicationSecret);
  });

  test('the waiting page links to the approval that is left to do at the cloud', async () => {
    const person = await stage.someone({ viewport: widths[1] });
    const { page } = person;
    const { applicationKey, applicationSecret } = await stage.cloud.ovh.createKeys();
    const { connection, invitation } = await stage.platform.invite({ method: 'api_credentials' });
    await page.goto(invitation.url);
    await page.getByLabel('Application key').fill(applicationKey);
    await page.getByLabel('Application secret').fill(applicationSecret);
    await page.getByRole('button', { name: 'Connect OVHcloud' }).click();
    const [cloud] = await Promise.all([
      page.context().waitForEvent('page'),
      page.getByRole('link', { name: /^Open / }).click(),
    ]);
    await cloud.getByRole('button', { name: 'Approve' }).click();
    await cloud.getByText('Approved').first().waitFor();
    await isLetIn(page);
    await stage.platform.until(connection.id, 'active');
    expect(person.troubles).toEqual([]);
  });
});
