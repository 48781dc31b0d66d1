import { access, constants } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { manifests } from '../../../../providers/manifests/all.ts';
import { programStandIns } from '../../../../sandbox/programs.ts';
import { buildStandInPrograms } from '../../../../scripts/dev/stand-ins.ts';

const standIns = async (environment: Record<string, string>) => await buildStandInPrograms(manifests, environment);

test('the stand-in program for ovhcloud is built where OVHcloud is simulated', async () => {
  const [ovhcloud] = await standIns({});
  expect(ovhcloud).toMatchObject({
    name: 'ovhcloud',
    variable: 'OVHCLOUD_PATH',
    path: expect.stringMatching(/\.mjs$/),
  });
  await expect(access(ovhcloud!.path, constants.X_OK)).resolves.toBeUndefined();
});

test('no stand-in program is built where a program is configured or one OVHcloud region is real', async () => {
  expect(await standIns({ OVHCLOUD_PATH: '/opt/ovhcloud' })).toEqual([]);
  expect(await standIns({ OVH_CA_CLIENT_ID: 'mine' })).toEqual([]);
});

test('the sandbox has a stand-in for each program that a manifest names, and for no other', () => {
  const named = manifests.flatMap(({ programs = [] }) => programs.map(({ name }) => name));
  expect(Object.keys(programStandIns).toSorted()).toEqual(named.toSorted());
});
