import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { platform, type Platform } from './support/connect.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();
const executablePath = inject('components').chromium?.path;

/** What only a real browser enforces: the content security policy, cookies, origins, and the order of redirects. */
describe.skipIf(address === null || executablePath === undefined)('a customer with a real browser', () => {
  let stack: Stack;
  let acme: Platform;
  let browser: Browser;
  beforeAll(async () => {
    stack = await startStack(address ?? '', { listens: true });
    acme = platform(stack, await stack.keyFor('acme', 'admin'));
    const args = [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
    ];
    browser = await chromium.launch({ executablePath: executablePath ?? '', args });
  });
  afterAll(async () => await browser.close());

  /** Opens a page and collects its errors, such as a blocked script or style. */
  async function openPage(
    options: Parameters<Browser['newContext']>[0] = {},
  ): Promise<{ page: Page; complaints: string[] }> {
    const page = await (await browser.newContext(options)).newPage();
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    return { page, complaints };
  }

  it('a customer signs in and sees the account and its resources, and the browser blocks nothing', async () => {
    const { invitation } = await acme.invite({ invitation: { passcode: 'tulip-42' } });
    const { page, complaints } = await openPage();
    await page.goto(invitation.url);
    await page.getByLabel('Passcode').fill('tulip-42');
    await page.getByRole('button', { name: 'Continue to OVHcloud' }).click();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('heading', { name: 'Connected' }).waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/result\//);
    await page.getByRole('heading', { name: /^\d+ resources? found$/ }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('the result page changes by itself when the tenant confirms the account', async () => {
    const { connection, invitation } = await acme.invite({ invitation: { confirm: true } });
    const { page, complaints } = await openPage();
    await page.goto(invitation.url);
    await page.getByRole('button', { name: 'Continue to OVHcloud' }).click();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('confirms the account before anything is used').waitFor();
    expect((await acme.call('POST', `/${connection.id}/confirm`)).statusCode).toBe(200);
    await page.getByRole('heading', { name: 'Connected' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('a customer connects an account without scripts', async () => {
    const { connection, invitation } = await acme.invite();
    const { page } = await openPage({ javaScriptEnabled: false });
    await page.goto(invitation.url);
    await page.getByRole('button', { name: 'Continue to OVHcloud' }).click();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('heading', { name: 'Connected' }).waitFor({ timeout: 15_000 });
    expect((await acme.get(connection.id)).status).toBe('active');
  });

  it('the invitation and error pages fit a small phone without scrolling sideways', async () => {
    const { invitation } = await acme.invite({
      name: 'a-name-without-a-single-space-'.repeat(6),
      invitation: { passcode: 'tulip-42' },
    });
    const { page } = await openPage({ viewport: { width: 375, height: 667 } });
    for (const path of [invitation.url, `${stack.publicUrl}/connect/none`, `${stack.publicUrl}/ovh/oauth2/callback`]) {
      await page.goto(path);
      expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBe(375);
    }
  });

  it('the API documentation page is not blocked and requests nothing from another host', async () => {
    const { page, complaints } = await openPage();
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
    await page.goto(`${stack.publicUrl}/docs`);
    await page.getByText('Starts a connection').click();
    await page.getByText('Idempotency-Key', { exact: false }).first().waitFor();
    expect([...hosts].filter((host) => host !== '')).toEqual([new URL(stack.publicUrl).host]);
    expect(complaints).toEqual([]);
  });
});
