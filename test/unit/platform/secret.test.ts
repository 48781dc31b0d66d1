import { format, inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from '../../../platform/secret.ts';

const secret = new Secret('hunter2-value');

test.each([
  ['a template string', () => `it is ${String(secret)}`],
  ['JSON', () => JSON.stringify({ nested: [secret] })],
  ['inspect', () => inspect({ deep: { er: secret } }, { depth: 9, showHidden: true })],
  ['format', () => format('%s %o %j', secret, secret, secret)],
  ['its own keys', () => Object.entries(secret).join() + Object.getOwnPropertyNames(secret).join()],
  ['an error message', () => String(new Error(`failed with ${String(secret)}`))],
])('a secret does not show in %s', (_where, print) => {
  expect(print()).not.toContain('hunter2');
});

test('reveal() returns the value of a secret', () => {
  expect(secret.reveal()).toBe('hunter2-value');
});
