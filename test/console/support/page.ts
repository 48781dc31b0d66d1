import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Person } from './people.ts';

/** Waits until the page says so in its heading. */
export const says = async (page: Page, text: string | RegExp): Promise<void> =>
  await page.getByRole('heading', { level: 1 }).filter({ hasText: text }).waitFor();

/** Presses "Try now", unless a try that came by itself was quicker. */
export async function isLetIn(page: Page): Promise<void> {
  const connected = says(page, 'Connected');
  await Promise.any([page.getByRole('button', { name: 'Try now' }).click(), connected]);
  await connected;
}

/** Keeps a picture of a page, which must fit into its width. */
export async function lookAt(person: Person, name: string): Promise<void> {
  const scrollsSideways = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
  expect(await person.page.evaluate(scrollsSideways), name).toBe(false);
  await person.picture(name);
}
