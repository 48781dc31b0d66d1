import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { openChildLog } from '../../../../scripts/dev/child-log.ts';
import { eventually } from '../../../support/eventually.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

test('all output goes to the file, and errors also go to the terminal, each only once', async () => {
  const path = join(temporaryFolder(), 'api.log');
  const echoed: string[] = [];
  const log = openChildLog(path, (line) => echoed.push(line));
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  log.attach(stdout, stderr);
  const lines = [
    '{"level":30,"msg":"listening"}',
    '{"level":50,"msg":"refresh failed","err":{"message":"Vault does not answer"}}',
    '{"level":50,"msg":"refresh failed","err":{"message":"Vault does not answer"}}',
    'a plain line',
  ];

  stdout.end(`${lines.join('\n')}\n`);
  stderr.end('PUBLIC_URL is not valid\n');
  const written = await eventually('all lines', () => {
    const text = readFileSync(path, 'utf8').trim().split('\n');
    return text.length === 5 && text;
  });

  expect(written.toSorted()).toEqual([...lines, 'PUBLIC_URL is not valid'].toSorted());
  expect(echoed.toSorted()).toEqual(['PUBLIC_URL is not valid', 'refresh failed: Vault does not answer']);
  expect(log.lastWords()).toBe('PUBLIC_URL is not valid');
  log.close();
});
