import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { CloudId } from '../../sandbox/clouds/index.ts';
import { inBrowser, type Stage } from './support/in-browser.ts';
import { lookAt, says } from './support/page.ts';

interface CloudInBrowser {
  readonly cloud: CloudId;
  readonly region: string;
  /** What the sandbox calls a request of one list, which is held while the others are shown. */
  readonly heldList: string;
  /** From the invitation page until the account is connected. */
  readonly comeIn: (page: Page, stage: Stage) => Promise<void>;
}

const signIn = (button: string, accept: string) => async (page: Page) => {
  await page.getByRole('button', { name: button }).click();
  await page.getByRole('button', { name: accept }).click();
};

/** Every cloud whose resources are listed. */
const clouds: readonly CloudInBrowser[] = [
  {
    cloud: 'ovh',
    region: 'ovh-eu',
    heldList: 'cloud.instance.list',
    comeIn: signIn('Continue to OVHcloud', 'Approve'),
  },
  {
    cloud: 'aws',
    region: 'aws',
    heldList: 'ec2.DescribeInstances',
    async comeIn(page, { cloud }) {
      await page.getByText('By hand: the trust policy').click();
      const policy = await page.getByText('"sts:ExternalId"').last().textContent();
      const name = `mooring-${randomUUID().slice(0, 8)}`;
      const arn = await cloud.putAwsRole({ name, trustPolicy: JSON.parse(policy ?? '') as object });
      await page.getByLabel('Role ARN').fill(arn);
      await page.getByRole('button', { name: 'Connect Amazon Web Services' }).click();
    },
  },
  // Both answer all kinds of a subscription or project at once: the list of one of them is held.
  {
    cloud: 'azure',
    region: 'global',
    heldList: 'resource-graph',
    comeIn: signIn('Continue to Microsoft Azure', 'Accept'),
  },
  {
    cloud: 'gcp',
    region: 'global',
    heldList: 'cloudasset.searchAllResources',
    comeIn: signIn('Continue to Google Cloud', 'Continue'),
  },
];

inBrowser('resources in a browser', (stage) => {
  const kindsOf = async (page: Page): Promise<string[]> => await page.locator('#found summary').allTextContents();
  const total = (titles: readonly string[]): number =>
    titles.reduce((sum, title) => sum + Number(/: (\d+)/.exec(title)?.[1] ?? 0), 0);

  test.for(clouds)(
    'after connecting $cloud, the resources appear by kind while they are listed, and all of them in the end',
    async ({ cloud, region, heldList, comeIn }) => {
      const person = await stage.someone();
      const { page } = person;
      const { connection, invitation } = await stage.platform.invite({ provider: cloud, region });
      await stage.cloud.fault({ endpoint: heldList }, { kind: 'hold_before' });
      await page.goto(invitation.url);
      await comeIn(page, stage);
      await says(page, 'Connected');
      const hold = await stage.cloud.waitForHold(heldList);
      await page.getByRole('heading', { name: /Looking for resources: [1-9]\d* resources? so far/ }).waitFor();
      const early = await kindsOf(page);
      expect(early.length).toBeGreaterThan(0);
      await stage.cloud.release(hold);
      await page.getByRole('heading', { name: /^\d+ resources? found$/ }).waitFor();
      const late = await kindsOf(page);
      expect(total(late)).toBeGreaterThan(total(early));
      const { discovery } = await stage.platform.until(connection.id, ({ discovery: of }) => of?.last != null);
      await page.getByRole('heading', { name: `${discovery?.last?.resources} resources found` }).waitFor();
      expect(total(await kindsOf(page))).toBe(discovery?.last?.resources);
      await lookAt(person, `resources-${cloud}`);
      expect(person.troubles).toEqual([]);
    },
  );

  test.for(clouds)('a kind of $cloud that a person has opened stays open while others are listed', async (of) => {
    const { page } = await stage.someone();
    const { invitation } = await stage.platform.invite({ provider: of.cloud, region: of.region });
    await stage.cloud.fault({ endpoint: of.heldList }, { kind: 'hold_before' });
    await page.goto(invitation.url);
    await of.comeIn(page, stage);
    const hold = await stage.cloud.waitForHold(of.heldList);
    const first = page.locator('#found details').first();
    await first.waitFor();
    const kind = await first.getAttribute('data-kind');
    const chosen = page.locator(`#found details[data-kind="${kind}"]`);
    const isOpen = async (): Promise<boolean> => (await chosen.getAttribute('open')) !== null;
    const wasOpen = await isOpen();
    await chosen.locator('summary').click();
    await stage.cloud.release(hold);
    await page.getByRole('heading', { name: /^\d+ resources? found$/ }).waitFor();
    expect(await isOpen()).toBe(!wasOpen);
  });
});
