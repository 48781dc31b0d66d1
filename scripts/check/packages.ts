import type { Check } from './check.ts';
import type { Repository } from './repository.ts';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly link?: boolean }>>;
}

/** One version for everyone: exact ones in `package.json`, and a lock file that installs from any registry. */
export const packages: Check = {
  name: 'packages',
  run(repository) {
    const manifest = json<Manifest>(repository, 'package.json');
    const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
    const loose = Object.entries(all)
      .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
      .map(([name, version]) => `package.json: ${name} is "${version}"; give the exact version`);
    const resolved = Object.entries(json<Lock>(repository, 'package-lock.json').packages)
      .filter(([, entry]) => entry.resolved !== undefined && entry.link !== true)
      .map(([name]) => `package-lock.json: ${name} names a registry ("resolved"); install with the settings of .npmrc`);
    return { problems: [...loose, ...resolved] };
  },
};

/** npm's own files: npm has validated them before this runs. */
const json = <T>(repository: Repository, path: string): T => JSON.parse(repository.read(path)) as T;
