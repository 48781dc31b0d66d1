import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '../../workflows');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));

/** Every name of the SDK by which one is called: `proxyLocalActivities`, `scheduleLocalActivity`, `LocalActivityOptions`. */
const localActivity = /local[\s_-]?activit(?:y|ies)/i;

test.for(files)(
  'workflows/%s calls no local activity: beside one, a query or a message writes a history that does not replay',
  (path) => {
    expect(readFileSync(join(folder, path), 'utf8')).not.toMatch(localActivity);
  },
);

test.for([
  'const { refresh } = proxyLocalActivities<Activities>({});',
  'await scheduleLocalActivity(name, [], options);',
])('a call like "%s" would be seen', (line) => {
  expect(line).toMatch(localActivity);
});
