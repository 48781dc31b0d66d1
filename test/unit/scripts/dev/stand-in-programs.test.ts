import { access, constants } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { standInPrograms } from '../../../../scripts/dev/stand-in-programs.ts';

test('the stand-in for ovhcloud is built and named where OVHcloud is simulated', async () => {
  const { OVHCLOUD_PATH } = await standInPrograms({});
  expect(OVHCLOUD_PATH).toMatch(/\.mjs$/);
  await expect(access(OVHCLOUD_PATH!, constants.X_OK)).resolves.toBeUndefined();
});

test('a program that is named is used, and one real region is enough for the real program', async () => {
  expect(await standInPrograms({ OVHCLOUD_PATH: '/opt/ovhcloud' })).toEqual({});
  expect(await standInPrograms({ OVH_CA_CLIENT_ID: 'mine' })).toEqual({});
});
