import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { thrown } from '../thrown.ts';
import { rowsOf, startAzureLister, troubles, type AzureListerOnSandbox } from '../lister.azure.on-sandbox.ts';

const ALL = ['Production', 'Staging', 'Old laboratory'];

describe('the subscriptions of Azure', () => {
  let azure: AzureListerOnSandbox;
  beforeEach(async () => void (azure = await startAzureLister({ roles: ALL })));
  afterEach(() => azure.close());

  const list = () => azure.lister.listProjects(azure.context());
  const names = async () => rowsOf(await list(), 'subscription').map(({ name }) => name);
  const confirmAfter = async (change: () => Promise<void>) => {
    const rows = rowsOf(await list(), 'subscription').filter(({ name }) => name === 'Production');
    await change();
    const request = { kind: 'subscription', projectId: null, rows };
    return (await azure.lister.confirmGone?.(azure.context(), request)) ?? expect.fail('no witness');
  };

  test('those that are enabled are listed over all pages, and those that are not are told', async () => {
    const listing = await list();
    expect(rowsOf(listing, 'subscription').map(({ name, status }) => [name, status])).toEqual([
      ['Production', 'enabled'],
      ['Staging', 'enabled'],
    ]);
    expect(troubles(listing)).toEqual({});
    expect(listing.notice?.message).toContain('Old laboratory (Disabled)');
  });

  test('one whose bill is to be paid can be read, and is listed', async () => {
    await azure.cloud.azure.setSubscriptionState('Production', 'PastDue');
    await azure.cloud.azure.setSubscriptionState('Staging', 'Warned');
    expect(await names()).toEqual(['Production', 'Staging']);
  });

  test('a row without an id is a loss and costs no other', async () => {
    const value = [
      { displayName: 'odd' },
      { subscriptionId: azure.ids['Staging'], displayName: 'Staging', state: 'Enabled' },
    ];
    await azure.cloud.fault({ endpoint: 'subscriptions.list' }, { kind: 'respond', status: 200, body: { value } });
    const listing = await list();
    expect(rowsOf(listing, 'subscription')).toHaveLength(1);
    expect(troubles(listing)).toEqual({ subscription: ['row_unreadable'] });
  });

  test('pages that name each other end as a loss', async () => {
    await azure.cloud.change({ azure: { brokenPages: { 'subscriptions.list': 'cycle' } } });
    expect(troubles(await list())).toEqual({ subscription: ['pages_repeat'] });
  });

  test('an answer without its rows is an error, and not an empty list', async () => {
    await azure.cloud.fault({ endpoint: 'subscriptions.list' }, { kind: 'respond', status: 200, body: {} });
    expect(await thrown(list())).toMatchObject({ class: 'transient', problem: { code: 'cloud_answer_unexpected' } });
  });

  test('one that Azure does not know any more is gone', async () => {
    const { gone, refused } = await confirmAfter(() => azure.cloud.azure.setSubscriptionState('Production', 'Deleted'));
    expect([...gone]).toEqual([azure.ids['Production']]);
    expect(refused).toBeNull();
  });

  test('one that the account lost its role on is kept, also when the list is empty, and the role to give is told', async () => {
    const { gone, there, refused } = await confirmAfter(() =>
      azure.cloud.azure.assignRoles(azure.principal.clientId, []),
    );
    expect(await names()).toEqual([]);
    expect([gone.size, there.size]).toEqual([0, 0]);
    expect(refused?.denied).toEqual({ action: 'Microsoft.Resources/subscriptions/read' });
    expect(refused?.problem.remedy).toContain(`--role Reader --assignee ${azure.principal.clientId}`);
  });

  test.each([
    ['Disabled', 'subscription_not_enabled'],
    ['Moved', 'subscription_in_other_directory'],
  ] as const)('one that is %s is kept, and that is told', async (state, code) => {
    const answer = await confirmAfter(() => azure.cloud.azure.setSubscriptionState('Production', state));
    expect(answer).toMatchObject({ gone: new Set(), there: new Set(), refused: { class: 'user', problem: { code } } });
  });

  test('one that the list lacks although it exists is there', async () => {
    expect((await confirmAfter(async () => {})).there).toEqual(new Set([azure.ids['Production']]));
  });
});
