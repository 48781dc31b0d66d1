import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const artifacts = join(import.meta.dirname, '../../.artifacts/console');
const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** One person at one browser: what was set up, and what went wrong unseen. */
export interface Person {
  readonly page: Page;
  /** Errors of scripts, of the console (violations of the content security policy too), and requests that failed. */
  readonly troubles: readonly string[];
  /** Another tab of the same browser. */
  newTab(): Promise<Page>;
  /** Keeps a picture for people to look at. */
  picture(name: string): Promise<void>;
}

export interface People {
  /** A browser with no cookies of anybody else. */
  someone(options?: BrowserContextOptions): Promise<Person>;
  goHome(): Promise<void>;
}

/** The system's own Chromium. Closing it closes every page. */
export async function invitePeople(executablePath: string): Promise<People> {
  mkdirSync(artifacts, { recursive: true });
  const browser: Browser = await chromium.launch({ executablePath, args: flags, chromiumSandbox: false });
  return {
    async someone(options = {}) {
      const context = await browser.newContext(options);
      const troubles: string[] = [];
      const watched = async (): Promise<Page> => {
        const page = await context.newPage();
        page.on('pageerror', (error) => troubles.push(`script: ${error.message}`));
        page.on('console', (message) => {
          if (message.type() === 'error' || message.type() === 'warning') troubles.push(`console: ${message.text()}`);
        });
        page.on('requestfailed', (request) => {
          // Whoever leaves a page cuts off what it was still asking; that says nothing about the answer.
          if (request.failure()?.errorText === 'net::ERR_ABORTED') return;
          troubles.push(`request: ${request.url().replace(/\?.*/, '')}`);
        });
        return page;
      };
      const page = await watched();
      return {
        page,
        troubles,
        newTab: watched,
        async picture(name) {
          await page.screenshot({ path: join(artifacts, `${name}.png`), fullPage: true });
        },
      };
    },
    goHome: async () => await browser.close(),
  };
}
