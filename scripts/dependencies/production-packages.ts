import Type from 'typebox';
import { Compile } from 'typebox/compile';

/** A package that production installs, once for each of its versions. */
export interface ProductionPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression, as the package has it; null where it has none. */
  readonly licence: string | null;
}

const lockFile = Compile(
  Type.Object({
    packages: Type.Record(
      Type.String(),
      Type.Object({
        /** Where it differs from the folder's, for an alias. */
        name: Type.Optional(Type.String()),
        version: Type.Optional(Type.String()),
        /** Needed by development dependencies alone. */
        dev: Type.Optional(Type.Boolean()),
        link: Type.Optional(Type.Boolean()),
        license: Type.Optional(Type.Unknown()),
      }),
    ),
  }),
);

/** A list of licences is the form that npm had before SPDX: one of them may be chosen. */
const licences = Compile(Type.Array(Type.Object({ type: Type.String() })));

/** Sorted by name and version. Packages for other platforms are among them. Throws where the text is no lock file. */
export function productionPackages(lockText: string): ProductionPackage[] {
  const lock: unknown = JSON.parse(lockText);
  if (!lockFile.Check(lock)) throw new Error('package-lock.json is not a lock file of version 2 or 3.');
  const found = Object.entries(lock.packages)
    .filter(([path, entry]) => path !== '' && entry.dev !== true && entry.link !== true)
    .map(([path, { name, version = '', license }]) => ({
      name: name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      licence: expressionOf(license),
    }));
  const unique = new Map(found.map((each) => [idOf(each), each]));
  return [...unique.values()].toSorted((a, b) => compare(a.name, b.name) || compare(a.version, b.version));
}

function expressionOf(license: unknown): string | null {
  if (typeof license === 'string' && license.trim() !== '') return license.trim();
  return licences.Check(license) ? license.map(({ type }) => type).join(' OR ') : null;
}

/** By code unit, so that the order is the same on every machine. */
const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

export const idOf = ({ name, version }: Pick<ProductionPackage, 'name' | 'version'>): string => `${name}@${version}`;
