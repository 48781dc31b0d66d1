import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { auditOutcome } from '../../../../scripts/dependencies/audit.ts';

const recorded = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../../../data/npm', `audit-${name}.json`), 'utf8');

test('a vulnerability is named with its severity, its package and its advisory', () => {
  expect(auditOutcome(recorded('vulnerable'))).toEqual({
    exitCode: 1,
    lines: ['high: ioredis 6.0.0: An example of an advisory (https://advisories.example/GHSA-0000-0000-0000)'],
  });
});

test('a vulnerability that another package brings in is named with that package', () => {
  const report = JSON.parse(recorded('vulnerable')) as { vulnerabilities: { ioredis: object } };
  const ioredis = { ...report.vulnerabilities.ioredis, via: ['redis-parser'] };
  const { lines } = auditOutcome(JSON.stringify({ ...report, vulnerabilities: { ioredis } }));
  expect(lines).toEqual(['high: ioredis 6.0.0: by redis-parser']);
});

test('a registry that knows of no vulnerability is an all-clear', () => {
  expect(auditOutcome('{"auditReportVersion":2,"vulnerabilities":{}}').exitCode).toBe(0);
});

test.each([
  ['cannot be reached', recorded('unreachable'), 'ECONNREFUSED'],
  ['has no audits', recorded('refused'), '405 Method Not Allowed'],
  ['answers with no JSON', '<html>sign in</html>', 'did not say'],
  ['answers with nothing', '', 'did not say'],
  ['answers in another version', '{"auditReportVersion":3,"vulnerabilities":{}}', 'did not say'],
])('a registry that does not answer is no all-clear: one that %s', (_what, printed, reason) => {
  const { exitCode, lines } = auditOutcome(printed);
  expect(exitCode).toBe(2);
  expect(lines.join('\n')).toContain(reason);
});
