import { expect, test } from 'vitest';
import type { Connection } from '../../../api/connections/schema.ts';
import { eventually } from '../../support/eventually.ts';
import type { InWorld } from '../connection.e2e.ts';

interface Page {
  readonly items: readonly Connection[];
  readonly nextCursor: string | null;
}

/** The list is read from Temporal's visibility, which lags a moment behind. */
export function list({ customer }: InWorld): void {
  const page = async (query: string): Promise<Page> =>
    await customer().platform.call('GET', `/v1/connections?${query}`);
  const ids = ({ items }: Page): string[] => items.map(({ id }) => id);

  test('connections are listed by status, region, method and tag, with their current state', async () => {
    const { id } = await customer().connect({ tags: ['list:found'] });
    const { connection: waiting } = await customer().platform.invite({ region: 'ovh-ca', tags: ['list:found'] });
    await eventually('both to be listed', async () => (await page('tag=list:found')).items.length === 2);
    await eventually('the status to show', async () => ids(await page('tag=list:found&status=active'))[0] === id);
    expect((await page('tag=list:found&status=active')).items).toMatchObject([{ id, account: { id: 'la12345-ovh' } }]);
    expect(ids(await page('tag=list:found&region=ovh-ca'))).toEqual([waiting.id]);
    expect(ids(await page('tag=list:found&provider=ovh&method=authorization_code'))).toHaveLength(2);
    expect(ids(await page('tag=list:found&status=paused'))).toEqual([]);
  });

  test('each connection is found exactly once on the way through all pages', async () => {
    const made = new Set<string>();
    for (let count = 0; count < 5; count++) {
      made.add((await customer().platform.invite({ tags: ['list:pages'] })).connection.id);
    }
    await eventually('all five to be listed', async () => (await page('tag=list:pages')).items.length === 5);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const next: Page = await page(`tag=list:pages&limit=2${more}`);
      expect(next.items.length).toBeLessThanOrEqual(2);
      seen.push(...ids(next));
      cursor = next.nextCursor;
    }
    expect(seen).toHaveLength(5);
    expect(new Set(seen)).toEqual(made);
  });
}
