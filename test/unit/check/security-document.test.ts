import { describe, expect, test } from 'vitest';
import { securityDocument } from '../../../scripts/check/security-document.ts';
import { repositoryOf } from './plant.ts';

const file = 'test/unit/a.test.ts';
const tests =
  "test('a key is refused', () => {});\nit.each([1])(\n  `a \"quoted\" key %s is Mooring's`,\n  () => {},\n);\n";

const check = async (text: string) =>
  await securityDocument.run(repositoryOf({ 'docs/security.md': text, [file]: tests }));

describe('docs/security.md', () => {
  test('a test is found by its file and its whole title, in any kind of quotation marks', async () => {
    const named = `| x | \`${file}\` “a key is refused” and “a "quoted" key %s is Mooring's” |\n`;
    expect(await check(named)).toEqual({ problems: [], note: '2 tests' });
  });

  test.each([
    ['a file that is gone', '`test/unit/gone.test.ts` “a key is refused”', 'there is no file test/unit/gone.test.ts'],
    ['a title that is gone', `\`${file}\` “a key is accepted”`, `${file} has no test “a key is accepted”`],
    ['a part of a title', `\`${file}\` “a key is”`, `${file} has no test “a key is”`],
    ['a second title that is gone', `\`${file}\` “a key is refused”, “gone”`, `${file} has no test “gone”`],
    ['a file without a title', `see \`${file}\`.`, `names ${file} without the title of a test`],
  ])('a reference to %s is a problem, with its line', async (_what, text, problem) => {
    expect((await check(`# Security\n\n${text}\n`)).problems).toEqual([`docs/security.md:3: ${problem}`]);
  });
});
