import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CliError, cliProblems } from '../errors.ts';

/** One installation, with the key for it. */
export interface Profile {
  readonly url: string;
  readonly apiKey: string;
}

export interface Config {
  /** The profile that is used where none is named; null = none. */
  readonly current: string | null;
  readonly profiles: Readonly<Record<string, Profile>>;
}

export interface ConfigFile {
  readonly path: string;
  /** Empty where there is no file. Throws `CliError` where it is not ours alone, or cannot be read. */
  read(): Config;
  /** Replaces the file in one step; only its owner can read it. */
  write(config: Config): void;
}

const EMPTY: Config = { current: null, profiles: {} };
const OTHERS = 0o077;

/** `$XDG_CONFIG_HOME/mooring/config.json`, or `~/.config/mooring/config.json`. */
export function configPath(environment: Readonly<Record<string, string | undefined>>): string {
  const base = environment['XDG_CONFIG_HOME'] || join(environment['HOME'] || homedir(), '.config');
  return join(base, 'mooring', 'config.json');
}

/** The profiles. JSON, because Node has no parser for TOML and only the program writes the file. */
export function openConfigFile(path: string): ConfigFile {
  return {
    path,
    read() {
      const text = readPrivate(path);
      return text === null ? EMPTY : parse(text, path);
    },
    write(config) {
      const folder = dirname(path);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      chmodSync(folder, 0o700);
      const next = `${path}.new`;
      // One that was left over keeps its mode, so it must not stay.
      rmSync(next, { force: true });
      writeFileSync(next, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
      renameSync(next, path);
    },
  };
}

/** The text of a file that only its owner may read, as it holds a key; null where there is none. Throws `CliError`. */
export function readPrivate(path: string): string | null {
  try {
    const { mode, uid } = statSync(path);
    const isOthers = process.getuid !== undefined && uid !== process.getuid();
    if (process.platform !== 'win32' && ((mode & OTHERS) !== 0 || isOthers)) {
      throw new CliError({
        code: 'config_not_private',
        message: `${path} holds API keys, and ${isOthers ? 'belongs to another user' : 'other users can read it'}.`,
        remedy: `Run "chmod 600 ${path}" as its owner; if others may have read it, replace the keys with "mooring api-key roll".`,
      });
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function parse(text: string, path: string): Config {
  try {
    const value = JSON.parse(text) as Partial<Config> | null;
    const profiles = Object.entries(value?.profiles ?? {});
    const isWhole = profiles.every(([, { url, apiKey }]) => typeof url === 'string' && typeof apiKey === 'string');
    if (isWhole) return { current: value?.current ?? null, profiles: Object.fromEntries(profiles) };
  } catch {
    // Answered below: the parser's message may quote a key.
  }
  throw new CliError({
    code: 'config_unreadable',
    message: `${path} is not the file that "mooring login" writes.`,
    remedy: 'Remove it, and run "mooring login" again.',
  });
}

/** Throws where there is no such profile. */
export function profileOf({ profiles }: Config, name: string): Profile {
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile) return profile;
  const names = Object.keys(profiles);
  const known = names.length === 0 ? 'there is none yet' : `there are: ${names.join(', ')}`;
  throw cliProblems.notSignedIn(`There is no profile "${name}"; ${known}.`);
}
