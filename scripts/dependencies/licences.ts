import { idOf, type ProductionPackage } from './production-packages.ts';

/**
 * What may be shipped under Mooring's own licence, Apache-2.0, with no duty beyond keeping the notice. CC-BY-4.0 is for
 * data alone.
 */
const allowed = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC-BY-4.0',
  'ISC',
  'MIT',
  'Unlicense',
];

/** Packages whose own statement is missing or is not SPDX: what their licence file says. */
const stated: Readonly<Record<string, string>> = {
  // Its package.json has a list from before SPDX: public domain, or MIT.
  'tv4@1.3.0': 'MIT',
  // Its package.json says nothing; its LICENSE file is the Unlicense.
  'unionfs@4.6.0': 'Unlicense',
};

/** The SPDX expression that counts for a package; null where there is none. */
export const licenceOf = (entry: ProductionPackage): string | null => stated[idOf(entry)] ?? entry.licence;

/** One sentence for each package whose licence is not allowed, and for each statement above that is of no use any more. */
export function licenceProblems(packages: readonly ProductionPackage[], statements = Object.keys(stated)): string[] {
  const present = new Set(packages.map(idOf));
  return [
    ...packages.flatMap((entry) => {
      const licence = licenceOf(entry);
      if (licence === null) return [`${idOf(entry)}: names no licence; look into it, and state what it says`];
      return isAllowed(licence) ? [] : [`${idOf(entry)}: has the licence "${licence}", which is not allowed`];
    }),
    ...statements
      .filter((id) => !present.has(id))
      .map((id) => `${id}: is not installed any more; remove its statement`),
  ];
}

/** `A AND B` needs both, `A OR B` one of them. An expression with both words is for a person to read. */
export function isAllowed(expression: string): boolean {
  const plain = expression.replace(/^\((.*)\)$/, '$1');
  const [all, any] = [plain.split(' AND '), plain.split(' OR ')];
  if (all.length > 1 && any.length > 1) return false;
  return any.length > 1 ? any.some(isOne) : all.every(isOne);
}

const isOne = (licence: string): boolean => allowed.includes(licence);
