import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { problems } from '../../contracts/problem.ts';
import { anchorsOf } from '../support/markdown-anchors.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const guide = read('docs/operations.md');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

/** By code, the runbooks whose line `Codes: …` names it. */
const runbooks = new Map<string, string[]>();
for (const section of guide.split(/^### /m).slice(1)) {
  const [title = ''] = section.split('\n', 1);
  const [, list = ''] = /^Codes: ((?:`\w+`[,.]\s*)+)/m.exec(section) ?? [];
  for (const [, code = ''] of list.matchAll(/`(\w+)`/g)) runbooks.set(code, [...(runbooks.get(code) ?? []), title]);
}

/**
 * The code that can become a connection's problem, as the sources have it: problems, the verdicts of AWS' codes, and the
 * OAuth errors that a cloud's classifier knows, which become the code. Problems of single lists of resources are no
 * connection's.
 */
function codesIn(path: string): string[] {
  const text = read(path);
  const forms = [/code: '([a-z]\w*)'/g, /\b(?:config|user)\(\s*'([a-z]\w*)'/g];
  if (/\/errors/.test(path)) forms.push(/case '([a-z]\w*)':/g);
  return forms.flatMap((form) => [...text.matchAll(form)].map(([, code = '']) => code));
}

const sources = globSync('providers/**/*.ts', { cwd: root }).filter(
  (path) => !/\/(?:discovery|manifest|cli|listing)\//.test(path),
);
const codes = new Set([...Object.values(problems).map(({ code }) => code), ...sources.flatMap(codesIn)]);

describe('the runbooks by problem code', () => {
  test('every code that a connection’s problem can have belongs to one runbook', () => {
    expect(codes.size).toBeGreaterThan(100);
    expect([...codes].filter((code) => !runbooks.has(code))).toEqual([]);
    expect([...runbooks].filter(([, titles]) => titles.length > 1)).toEqual([]);
  });

  test('the runbooks name no code that there is not', () => {
    expect([...runbooks.keys()].filter((code) => !codes.has(code))).toEqual([]);
  });
});

describe('the operations guide', () => {
  test('every link of the guide leads to a heading or a file that is there', () => {
    const links = [...guide.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    expect(links.length).toBeGreaterThan(30);
    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      const file = path === '' ? 'docs/operations.md' : join('docs', path);
      if (/^https?:/.test(link)) return false;
      return !existsSync(join(root, file)) || (anchor !== undefined && !anchorsOf(read(file)).has(anchor));
    });
    expect(broken).toEqual([]);
  });

  test('the guide names only scripts, tests and variables that there are', () => {
    const commands = [...guide.matchAll(/npm run ([\w-]+)/g)].map(([, name = '']) => name);
    expect(commands.filter((name) => !(name in scripts))).toEqual([]);
    const files = [...guide.matchAll(/`((?:deploy|test)\/[\w./-]+\.(?:sh|ts))`/g)].map(([, file = '']) => file);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
    const known = `${read('docs/configuration.md')} VAULT_TOKEN`;
    const variables = [...guide.matchAll(/`([A-Z]+_[A-Z_]+)`/g)].map(([, name = '']) => name);
    expect(variables.filter((name) => !known.includes(name))).toEqual([]);
  });

  test('every alert that the guide names is there', () => {
    const rules = read('deploy/prometheus/mooring-rules.yaml');
    const named = [...guide.matchAll(/`(Mooring[A-Z]\w+)`/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !rules.includes(`alert: ${name}\n`))).toEqual([]);
  });
});
