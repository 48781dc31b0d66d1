import { cliProblems } from '../errors.ts';
import { profileOf, type Config, type Profile } from './file.ts';
import { isLocalProfile, type LocalProfile } from './local-stack.ts';

export interface Target {
  readonly url: string;
  /** Undefined where there is none for this URL. */
  readonly apiKey: string | undefined;
  /** Where it was found, for people. */
  readonly source: string;
}

export interface TargetInput {
  readonly options: { readonly url?: string; readonly profile?: string };
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly config: () => Config;
  /** What `npm start` runs in this checkout. */
  readonly localStack: (name: LocalProfile) => Profile | undefined;
}

/**
 * Which installation is meant, with its key: what the command line names, then the environment, then the current
 * profile, then a stack that `npm start` runs here. A key goes only to the URL that it was stored for: a URL by itself
 * takes no key from a profile of another URL. Throws `CliError`.
 */
export function resolveTarget({ options, environment, config, localStack }: TargetInput): Target {
  const url = options.url ?? (options.profile === undefined ? environment['MOORING_URL'] || undefined : undefined);
  const givenKey = environment['MOORING_API_KEY'] || undefined;
  if (url !== undefined) {
    const source = options.url === undefined ? 'MOORING_URL' : '--url';
    if (options.profile !== undefined) {
      const profile = named(options.profile);
      if (isSame(profile.url, url)) return profile;
      throw cliProblems.usage(`The profile "${options.profile}" is for another URL.`, 'Give --url or --profile.');
    }
    return { url, apiKey: givenKey ?? keyFor(url, config()), source };
  }
  const profile = options.profile ?? (environment['MOORING_PROFILE'] || undefined) ?? config().current ?? undefined;
  if (profile !== undefined) {
    const found = named(profile);
    return options.profile === undefined && givenKey !== undefined
      ? { ...found, apiKey: givenKey, source: `${found.source}, MOORING_API_KEY` }
      : found;
  }
  const local = localStack('local');
  if (local) return { ...local, source: 'npm start in this checkout' };
  throw cliProblems.notSignedIn('No installation is named, and there is no profile.');

  function named(name: string): Target {
    if (!isLocalProfile(name)) return { ...profileOf(config(), name), source: `profile ${name}` };
    const found = localStack(name);
    if (!found) throw cliProblems.notSignedIn(`The profile "${name}" is what npm start runs here, and nothing runs.`);
    return { ...found, source: 'npm start in this checkout' };
  }
}

const keyFor = (url: string, { profiles }: Config): string | undefined =>
  Object.values(profiles).find((profile) => isSame(profile.url, url))?.apiKey;

const isSame = (one: string, other: string): boolean => one.replace(/\/$/, '') === other.replace(/\/$/, '');
