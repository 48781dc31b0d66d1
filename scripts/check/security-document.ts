import type { Check, Repository } from './check.ts';

const securityPath = 'docs/security.md';

/** A test as the document names it: its file, then the titles in quotation marks. */
const reference = /`(test\/[^`]+)`((?:,? (?:and )?“[^”]+”)*)/g;

interface Reference {
  readonly line: number;
  readonly file: string;
  readonly titles: readonly string[];
}

/** Each test that docs/security.md names is there, under the title that is quoted: the document promises nothing else. */
export const securityDocument: Check = {
  name: 'security-document',
  run(repository) {
    const references = repository.read(securityPath).split('\n').flatMap(referencesIn);
    const problems = references.flatMap((each) => problemsOf(each, repository));
    const titles = references.reduce((sum, each) => sum + each.titles.length, 0);
    return { problems, note: `${titles} tests` };
  },
};

const referencesIn = (text: string, index: number): Reference[] =>
  [...text.matchAll(reference)].map(([, file = '', quoted = '']) => ({
    line: index + 1,
    file,
    titles: [...quoted.matchAll(/“([^”]+)”/g)].map(([, title = '']) => title),
  }));

function problemsOf({ line, file, titles }: Reference, repository: Repository): string[] {
  const place = `${securityPath}:${line}`;
  if (!repository.files.includes(file)) return [`${place}: there is no file ${file}`];
  if (titles.length === 0) return [`${place}: names ${file} without the title of a test`];
  const text = repository.read(file);
  return titles.filter((title) => !hasTitle(text, title)).map((title) => `${place}: ${file} has no test “${title}”`);
}

/** As a whole string literal, as it is written there: `%s` and `$name` stand for what a table of cases puts in. */
const hasTitle = (text: string, title: string): boolean =>
  ["'", '"', '`'].some((mark) => text.includes(`${mark}${title}${mark}`));
