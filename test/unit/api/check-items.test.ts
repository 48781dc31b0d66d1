import { describe, expect, test } from 'vitest';
import { checkItems } from '../../../api/batches/check-items.ts';
import { ApiProblem } from '../../../api/http/problem.ts';
import { manifest as aws } from '../../../providers/aws/manifest.ts';
import { manifest as azure } from '../../../providers/azure/manifest.ts';
import type { FormMethodManifest, ProviderManifest } from '../../../providers/manifests/types.ts';

const formOf = ({ methods }: ProviderManifest): FormMethodManifest =>
  methods.find((method) => method.flow === 'form') ?? expect.fail('There is no form.');
const role = { method: formOf(aws), region: 'aws' };
const principal = { method: formOf(azure), region: 'global' };
const arn = (name: string) => `arn:aws:iam::222233334444:role/${name}`;
const id = (digit: string) => `${digit.repeat(8)}-1111-1111-1111-111111111111`;

async function mistakesOf(checking: Promise<unknown>): Promise<readonly string[]> {
  try {
    await checking;
  } catch (error) {
    if (error instanceof ApiProblem) return error.details.errors ?? [];
    throw error;
  }
  return [];
}

describe('the items of a batch', () => {
  test('account ids and the name of a role make the ARNs of the partition', async () => {
    const from = { accountIds: ['111122223333', '444455556666'], roleName: 'team/Mooring' };
    const { items } = await checkItems({ ...role, region: 'aws-us-gov' }, { from });
    expect(items.map(({ fields }) => fields)).toEqual([
      { role_arn: 'arn:aws-us-gov:iam::111122223333:role/team/Mooring' },
      { role_arn: 'arn:aws-us-gov:iam::444455556666:role/team/Mooring' },
    ]);
    expect(items[0]?.label).toBe('arn:aws-us-gov:iam::111122223333:role/team/Mooring');
  });

  test('what all items share is kept once, beside what each has of its own', async () => {
    const common = { tenant_id: id('a'), client_id: id('b'), client_secret: 'a secret of theirs' };
    const checked = await checkItems(principal, { common, from: { subscriptionIds: [id('1'), id('2')] } });
    expect(checked.common).toEqual(common);
    expect(checked.items).toEqual([
      { name: null, label: id('1'), fields: { subscription_id: id('1') } },
      { name: null, label: id('2'), fields: { subscription_id: id('2') } },
    ]);
  });

  test('each mistake is named with its item and without what was given, and none of the items is taken', async () => {
    const items = [{ fields: { role_arn: arn('good') } }, { fields: { role_arn: 'hunter2' } }, { fields: {} }];
    const mistakes = await mistakesOf(checkItems(role, { items }));
    expect(mistakes).toHaveLength(2);
    expect(mistakes[0]).toMatch(/^items\[1\]\.fields\.role_arn: "Role ARN" does not look right\./);
    expect(mistakes[1]).toMatch(/^items\[2\]\.fields\.role_arn: "Role ARN" is missing\./);
    expect(mistakes.join()).not.toContain('hunter2');
  });

  test('an item that is given twice is a mistake', async () => {
    const items = [arn('one'), arn('two'), `${arn('one')} `].map((role_arn) => ({ fields: { role_arn } }));
    expect(await mistakesOf(checkItems(role, { items }))).toEqual(['items[2]: the same as items[0].']);
  });

  test('of many mistakes a page is told', async () => {
    const items = Array.from({ length: 5_000 }, () => ({ fields: { role_arn: 'no' } }));
    expect(await mistakesOf(checkItems(role, { items }))).toHaveLength(32);
  });

  test.each([
    ['no list', { accountIds: '111122223333', roleName: 'r' }, '"accountIds" must be a list.'],
    ['a wrong id', { accountIds: ['12'], roleName: 'r' }, 'accountIds[0]: "accountIds"'],
    ['no name', { accountIds: ['111122223333'] }, '"roleName"'],
    [
      'something else',
      { accountIds: ['111122223333'], roleName: 'r', externalId: 'mine' },
      '"externalId" is not asked for.',
    ],
  ])('items in short with %s are refused', async (_what, from, sentence) => {
    expect((await mistakesOf(checkItems(role, { from })))[0]).toContain(sentence);
  });

  test('an external ID is never taken from outside', async () => {
    const items = [{ fields: { role_arn: arn('one'), external_id: 'mine' } }];
    expect((await mistakesOf(checkItems(role, { items })))[0]).toContain('"external_id" is not asked for');
  });

  test('items are given in full or in short, and not both', async () => {
    expect(await mistakesOf(checkItems(role, {}))).toEqual(['Give either "items" or "from".']);
    const both = { items: [{ fields: { role_arn: arn('one') } }], from: { accountIds: [], roleName: 'r' } };
    expect(await mistakesOf(checkItems(role, both))).toEqual(['Give either "items" or "from".']);
  });

  test('checking 5,000 items lets other requests be served in between', async () => {
    let turns = 0;
    const other = setInterval(() => (turns += 1), 0);
    await checkItems(role, {
      items: Array.from({ length: 5_000 }, (_none, n) => ({ fields: { role_arn: arn(`r${n}`) } })),
    });
    clearInterval(other);
    expect(turns).toBeGreaterThan(0);
  });
});
