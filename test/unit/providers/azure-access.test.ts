import { expect, test } from 'vitest';

import { readAccess } from '../../../providers/azure/discovery/access.ts';
import type { Arm } from '../../../providers/azure/discovery/arm.ts';

const READ_DISKS = 'Microsoft.Compute/disks/read';

type Permission = { readonly actions: readonly string[]; readonly notActions?: readonly string[] };

async function accessOf(...value: readonly Permission[]) {
  const get = () => Promise.resolve({ value });
  return await readAccess({ get, isHere: () => true } as unknown as Arm, 'subscription');
}

test.each([
  { actions: ['*'] },
  { actions: ['*/read'] },
  { actions: ['Microsoft.Compute/*'] },
  { actions: ['microsoft.compute/disks/READ'] },
])('a right is there where an action of a role covers it: $actions', async (permission) => {
  expect((await accessOf(permission)).may(READ_DISKS)).toBe(true);
});

test.each([
  { actions: [] },
  { actions: ['Microsoft.Compute/disks/write'] },
  { actions: ['Microsoft.Compute/disks'] },
  { actions: ['MicrosoftXCompute/disks/read'] },
  { actions: ['*/read'], notActions: ['Microsoft.Compute/*'] },
])(
  'a right is missing where none does, or the same role takes it away: $actions without $notActions',
  async (permission) => {
    expect((await accessOf(permission)).may(READ_DISKS)).toBe(false);
  },
);

test('what one role takes away another may give', async () => {
  const access = await accessOf({ actions: ['*'], notActions: [READ_DISKS] }, { actions: [READ_DISKS] });
  expect(access.may(READ_DISKS)).toBe(true);
});

test('an account without permissions on the subscription has no role there', async () => {
  expect((await accessOf()).hasRole).toBe(false);
  expect((await accessOf({ actions: ['*/read'] })).hasRole).toBe(true);
});
