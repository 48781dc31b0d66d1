import { licenceOf } from '../dependencies/licences.ts';
import { productionPackages, type ProductionPackage } from '../dependencies/production-packages.ts';
import type { Generator } from './generator.ts';
import { between, code, prettyMarkdown } from './markdown.ts';

/** `docs/licences.md`: the packages that production installs, by their licence. */
export const licences: Generator = {
  async generate(current) {
    const path = 'docs/licences.md';
    const content = licenceSections(productionPackages(current('package-lock.json')));
    return [{ path, text: await prettyMarkdown(between(current(path), 'licences', content)) }];
  },
};

export function licenceSections(packages: readonly ProductionPackage[]): string {
  const byLicence = Map.groupBy(packages, (entry) => licenceOf(entry) ?? 'None');
  return [...byLicence]
    .toSorted(([a, inA], [b, inB]) => inB.length - inA.length || (a < b ? -1 : 1))
    .map(([licence, entries]) => [`## ${licence}`, entries.map(item).join('\n')].join('\n\n'))
    .join('\n\n');
}

const item = ({ name, version }: ProductionPackage): string => `- ${code(name)} ${version}`;
