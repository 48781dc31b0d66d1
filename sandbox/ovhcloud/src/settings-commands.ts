import { writeFileSync } from 'node:fs';
import type { RunContext } from './command.ts';
import { configurationFiles, print as printIni, readFirst } from './ini.ts';
import { boxed } from './table.ts';

const SECTIONS: Readonly<Record<string, string>> = { endpoint: 'default', default_cloud_project: 'ovh-cli' };

export function showConfiguration(): void {
  const { ini } = readFirst(configurationFiles());
  const cells = [...ini].flatMap(([section, keys]) => [
    [section],
    ...[...keys].map(([key, value]) => ['', key, value]),
  ]);
  process.stdout.write(`${boxed(['section', 'key', 'value'], cells)}\n`);
}

/** Writes to the file that was read. The real program makes /etc/ovh.conf where there is none; this does not. */
export function setConfiguration({ args }: RunContext): void {
  const [name = '', value = ''] = args;
  const section = SECTIONS[name];
  const known = Object.keys(SECTIONS).join(' ');
  if (section === undefined)
    throw new Error(`unknown configuration field "${name}", customizable fields are: [${known}]`);
  const { ini, path } = readFirst(configurationFiles());
  if (path === undefined) throw new Error('failed to set configuration: the stand-in changes existing files only');
  const changed = new Map([...ini].map(([title, keys]) => [title, new Map(keys)]));
  changed.set(section, new Map([...(changed.get(section) ?? []), [name, value]]));
  writeFileSync(path, printIni(changed));
}

export function login(): never {
  throw new Error('Error running program: could not open a new TTY: open /dev/tty: no such device or address');
}
