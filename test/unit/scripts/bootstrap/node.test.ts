import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isNewEnough, selectNode } from '../../../../scripts/bootstrap/node.mjs';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

function bundle(script: string): { root: string; path: string } {
  const root = temporaryFolder();
  const path = join(root, 'node_modules', '.bin', 'node');
  mkdirSync(join(root, 'node_modules', '.bin'), { recursive: true });
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return { root, path };
}

test.each([
  ['v18.20.0', false],
  ['v22.12.9', false],
  ['v22.13.0', true],
  ['v24.0.0', true],
])('Node %s is new enough: %s', (version, expected) => {
  expect(isNewEnough(version)).toBe(expected);
});

test('the bundled Node is preferred to the running one', () => {
  const { root, path } = bundle('#!/bin/sh\nexit 0\n');

  expect(selectNode({ root, current: { path: '/usr/bin/node', version: 'v24.0.0' } })).toBe(path);
});

test('a bundled Node that does not run on this machine is skipped', () => {
  const { root } = bundle('#!/bin/sh\nexit 127\n');

  expect(selectNode({ root, current: { path: '/usr/bin/node', version: 'v24.0.0' } })).toBe('/usr/bin/node');
});

test('an old Node without a bundled one fails with a message that says which version to install', () => {
  expect(() => selectNode({ root: temporaryFolder(), current: { path: '/usr/bin/node', version: 'v20.1.0' } })).toThrow(
    /^Node v20\.1\.0 is too old and this platform has no bundled one: Mooring needs Node 22\.13 or newer\. Install it /,
  );
});
