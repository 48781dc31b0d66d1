import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

export type Ini = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Later files win over earlier ones. The home folder comes from the user database: HOME does not move it. */
export const configurationFiles = (): string[] => ['/etc/ovh.conf', `${userInfo().homedir}/.ovh.conf`, './ovh.conf'];

/** All files that exist, merged section by section. Throws on one that can't be parsed. */
export function readMerged(files: readonly string[]): Ini {
  const merged = new Map<string, Map<string, string>>();
  for (const file of files) {
    const text = readIfThere(file);
    if (text === undefined) continue;
    for (const [name, keys] of parse(text)) {
      const section = merged.get(name) ?? new Map<string, string>();
      for (const [key, value] of keys) section.set(key, value);
      merged.set(name, section);
    }
  }
  return merged;
}

/** The first file that loads, alone: the program reads its own settings so, other than its credentials. */
export function readFirst(files: readonly string[]): { readonly ini: Ini; readonly path: string | undefined } {
  for (const path of files) {
    const text = readIfThere(path);
    if (text === undefined) continue;
    try {
      return { ini: parse(text), path };
    } catch {
      continue;
    }
  }
  return { ini: new Map(), path: undefined };
}

function parse(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  for (const raw of text.split(/(?<=\n)/)) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    if (line.startsWith('[')) {
      const end = line.lastIndexOf(']');
      if (end < 0) throw new Error(`unclosed section: ${raw}`);
      const name = line.slice(1, end);
      section = sections.get(name) ?? new Map<string, string>();
      sections.set(name, section);
      continue;
    }
    const [, key, value] = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    if (key === undefined) throw new Error(`key-value delimiter not found: ${raw}`);
    section.set(key, unquoted(value ?? ''));
  }
  return sections;
}

export const print = (ini: Ini): string =>
  [...ini]
    .map(([name, keys]) => `[${name}]\n${[...keys].map(([key, value]) => `${key} = ${value}\n`).join('')}`)
    .join('\n');

const unquoted = (value: string): string => /^(["'])(.*)\1$/.exec(value)?.[2] ?? value;

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
