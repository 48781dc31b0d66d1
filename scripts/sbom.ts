import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { productionPackages } from './dependencies/production-packages.ts';
import { productionBom } from './dependencies/sbom.ts';

/**
 * `npm run sbom [file]`: writes the bill of materials of what production installs, as CycloneDX JSON, to dist/ or to the
 * file given. It follows from package-lock.json and asks no registry.
 */
const root = join(import.meta.dirname, '..');
const file = process.argv[2] ?? join(root, 'dist/mooring.cdx.json');

const { stdout } = await execa(
  'npm',
  ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'],
  { cwd: root },
);
const packages = productionPackages(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const bom = productionBom(stdout, packages, 'mooring');
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(bom, null, 2)}\n`);
console.log(`wrote ${file}: ${bom.components.length} components`);
