import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '../../workflows');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));

/** Every SDK name for a local activity: `proxyLocalActivities`, `scheduleLocalActivity`, `LocalActivityOptions`. */
const localActivity = /local[\s_-]?activit(?:y|ies)/i;

test.for(files)(
  'workflows/%s calls no local activity, because with one a query or message breaks the replay',
  (path) => {
    expect(readFileSync(join(folder, path), 'utf8')).not.toMatch(localActivity);
  },
);

test.for([
  'const { refresh } = proxyLocalActivities<Activities>({});',
  'await scheduleLocalActivity(name, [], options);',
])('the check for local activities detects a call like "%s"', (line) => {
  expect(line).toMatch(localActivity);
});
