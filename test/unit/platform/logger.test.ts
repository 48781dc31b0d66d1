import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createLogger } from '../../../platform/logger.ts';
import { Secret } from '../../../platform/secret.ts';

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  let text = '';
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  write(createLogger('test', 'trace', sink));
  return text;
}

const token = 'tok-5f0c9a7b3d';

test.each([
  ['a field whose name marks a secret', { access_token: token }],
  ['a field deep inside', { a: { b: [{ client_secret: token }] } }],
  ['a Secret under any name', { anything: new Secret(token) }],
  ['a bearer header in a text', { header: `Bearer ${token}` }],
  ['the query of an address', { url: `https://x.example/cb?state=1&code=${token}` }],
  ['an error message', { err: new Error(`request failed: Bearer ${token}`) }],
  ['the cause of an error', { err: new Error('failed', { cause: new Error(`?access_token=${token}`) }) }],
  [
    'a property that a library adds to its error',
    { err: Object.assign(new Error('x'), { config: { headers: token } }) },
  ],
  ['a field named code', { code: token }],
])('a secret in %s does not reach the log', (_where, fields) => {
  const text = logged((logger) => logger.info(fields, 'line'));
  expect(text).toContain('line');
  expect(text).not.toContain(token);
});

test('characters by which text could change how a terminal shows the log do not reach it', () => {
  const turned = 'name\u202E\u009B31m\u200B\uD800';
  const text = logged((logger) => logger.warn({ name: turned, err: new Error(turned), list: [turned] }, turned));
  expect(text).toContain('"msg":"name31m"');
  expect(text).not.toMatch(/\u202E|\u009B|\u200B|\\ud800/i);
});

test('a secret in the message itself does not reach the log', () => {
  expect(logged((logger) => logger.warn(`got Bearer ${token} back`))).not.toContain(token);
});

test('a child logger redacts as its parent does', () => {
  expect(logged((logger) => logger.child({ part: 'x' }).info({ refresh_token: token }, 'line'))).not.toContain(token);
});

test.each([
  ['a stable code of a problem', { problem: { code: 'invalid_grant', message: 'm', remedy: 'r' } }, 'invalid_grant'],
  ['the code of a system error', { err: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) }, 'ECONNREFUSED'],
  ['the expiry time of a token', { access_token_expires_at: 1_700_000_000 }, '1700000000'],
  ['the message of an error', { err: new Error('Vault is sealed') }, 'Vault is sealed'],
])('%s stays readable in the log', (_what, fields, expected) => {
  expect(logged((logger) => logger.info(fields, 'line'))).toContain(expected);
});
