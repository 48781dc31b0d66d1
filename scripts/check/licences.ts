import { licenceProblems } from '../dependencies/licences.ts';
import { productionPackages } from '../dependencies/production-packages.ts';
import type { Check } from './check.ts';

/** What production installs may be shipped under our own licence. */
export const licences: Check = {
  name: 'licences',
  run(repository) {
    const packages = productionPackages(repository.read('package-lock.json'));
    return { problems: licenceProblems(packages), note: `${packages.length} packages` };
  },
};
