import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { contrastRatio } from '../../platform/contrast.ts';
import { platform, type Platform } from './support/connect.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();
const executablePath = inject('components').chromium?.path;

/** The contrast of each visible text of a page with its ground, as WCAG 2.2 counts it. */
async function contrasts(page: Page): Promise<readonly { readonly text: string; readonly ratio: number }[]> {
  const found = await page.evaluate<{ text: string; colour: string; ground: string }[]>(`
    [...document.querySelectorAll('body *')]
      .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== ''))
      .filter((element) => element.getClientRects().length > 0)
      .map((element) => {
        let grounded = element;
        while (grounded && getComputedStyle(grounded).backgroundColor === 'rgba(0, 0, 0, 0)') grounded = grounded.parentElement;
        return {
          text: element.textContent.trim(),
          colour: getComputedStyle(element).color,
          ground: getComputedStyle(grounded ?? document.body).backgroundColor,
        };
      })`);
  return found.map(({ text, colour, ground }) => ({ text, ratio: contrastRatio(asHex(colour), asHex(ground)) }));
}

const asHex = (rgb: string): string =>
  `#${(rgb.match(/\d+/g) ?? []).map((channel) => Number(channel).toString(16).padStart(2, '0')).join('')}`;

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

  describe('of a tenant with looks of its own', () => {
    const logo = 'https://cdn.brand.example/logo.svg';
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="60"><rect width="900" height="60" fill="#333"/></svg>';
    let brand: Platform;
    beforeAll(async () => {
      brand = platform(stack, await stack.keyFor('brand', 'admin'));
      await stack.tenants.write('brand', {
        displayName: 'Brand & Sons, Makers of Rockets',
        platformRedirectUris: [],
        confirmsInvitations: false,
        branding: {
          logoUrl: logo,
          colour: '#7a1f5c',
          supportUrl: `https://${'help.'.repeat(12)}brand.example/cloud`,
          helpText: `Call us before noon.\n${'a-word-without-a-space'.repeat(6)}`,
        },
      });
    });

    it.each(['light', 'dark'] as const)(
      'the pages show logo, colour and help in %s, block nothing, can be read, and fit a small phone',
      async (colorScheme) => {
        const { invitation } = await brand.invite();
        const { page, complaints } = await openPage({ colorScheme, viewport: { width: 375, height: 667 } });
        const asked: (string | undefined)[] = [];
        await page.route(logo, async (route) => {
          asked.push(route.request().headers()['referer']);
          await route.fulfill({ contentType: 'image/svg+xml', body: svg });
        });
        const look = async () => {
          expect(await page.evaluate('document.querySelector(".brand img").naturalWidth')).toBe(900);
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(375);
          await page.getByText('Call us before noon.').waitFor();
          for (const element of await contrasts(page)) expect(element.ratio, element.text).toBeGreaterThanOrEqual(4.5);
        };
        await page.goto(invitation.url);
        await look();
        const accent = colorScheme === 'light' ? 'rgb(122, 31, 92)' : expect.not.stringMatching('rgb\\(122, 31, 92\\)');
        expect(await page.evaluate('getComputedStyle(document.querySelector("button")).backgroundColor')).toEqual(
          accent,
        );
        await page.getByRole('button', { name: 'Continue to OVHcloud' }).click();
        await page.getByRole('button', { name: 'Approve' }).click();
        await page.getByRole('heading', { name: 'Connected' }).waitFor();
        await look();
        await page.goto(invitation.url);
        await page.getByRole('heading', { name: 'This link has been completed' }).waitFor();
        await look();
        expect(asked.filter((referer) => referer !== undefined)).toEqual([]);
        expect(complaints.filter((text) => !text.includes('410'))).toEqual([]);
      },
    );

    it('an image from another host is blocked also where a logo is allowed', async () => {
      const { invitation } = await brand.invite();
      const { page, complaints } = await openPage();
      await page.route('https://**', async (route) => await route.fulfill({ contentType: 'image/svg+xml', body: svg }));
      await page.goto(invitation.url);
      await page.evaluate('document.querySelector(".brand img").src = "https://other.example/logo.svg"');
      await expect.poll(() => complaints.join()).toContain('Content Security Policy');
    });
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
