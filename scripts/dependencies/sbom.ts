import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { licenceOf } from './licences.ts';
import { idOf, type ProductionPackage } from './production-packages.ts';

/** Of what `npm sbom --sbom-format=cyclonedx` prints, the parts that are changed; the rest is handed on. */
const Component = Type.Object({
  'bom-ref': Type.String(),
  name: Type.String(),
  version: Type.String(),
  licenses: Type.Optional(Type.Array(Type.Unknown())),
  properties: Type.Optional(Type.Array(Type.Object({ name: Type.String(), value: Type.String() }))),
});
const Bom = Type.Object({
  bomFormat: Type.Literal('CycloneDX'),
  specVersion: Type.String(),
  metadata: Type.Object({ component: Component }),
  components: Type.Array(Component),
  dependencies: Type.Array(Type.Object({ ref: Type.String(), dependsOn: Type.Optional(Type.Array(Type.String())) })),
});
const bomShape = Compile(Bom);
export type Bom = Static<typeof Bom>;

/** npm writes 1.5; all of it means the same in 1.6. */
const VERSION = '1.6';
const DEVELOPMENT = 'cdx:npm:package:development';

/**
 * Of npm's bill of everything, the part that production installs. npm's own `--omit=dev` is not used: it leaves out each
 * package that a development dependency needs as well, for example half of Temporal's SDK. Throws where a package of the
 * lock file is missing in the end, because such a bill would be trusted for what it lacks.
 */
export function productionBom(printed: string, packages: readonly ProductionPackage[], product: string): Bom {
  const all: unknown = JSON.parse(printed);
  if (!bomShape.Check(all)) throw new Error('npm did not print a CycloneDX document: npm 10 or newer is needed.');
  const wanted = new Map(packages.map((entry) => [idOf(entry), entry]));
  const root = all.metadata.component;
  const components = all.components.flatMap((component) => {
    const entry = wanted.get(component['bom-ref']);
    return entry === undefined ? [] : [{ ...withoutMark(component), ...licences(component.licenses, entry) }];
  });
  const present = new Set(components.map((component) => component['bom-ref']));
  const missing = [...wanted.keys()].filter((id) => !present.has(id));
  if (missing.length > 0) throw new Error(`The bill would lack ${missing.join(', ')}, which production installs.`);
  const isListed = (ref: string): boolean => present.has(ref) || ref === root['bom-ref'];
  return {
    ...all,
    $schema: `http://cyclonedx.org/schema/bom-${VERSION}.schema.json`,
    specVersion: VERSION,
    // npm names it after the folder of the checkout.
    metadata: { ...all.metadata, component: { ...root, name: product } },
    components,
    dependencies: all.dependencies
      .filter(({ ref }) => isListed(ref))
      .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter(isListed) })),
  } as Bom;
}

/** A package at several places is listed once, and npm may have marked it for one that is of development. */
function withoutMark({ properties = [], ...rest }: Static<typeof Component>) {
  return { ...rest, properties: properties.filter(({ name }) => name !== DEVELOPMENT) };
}

/** What we have stated about a package whose own statement npm could not read. */
function licences(printed: readonly unknown[] | undefined, entry: ProductionPackage): { licenses?: unknown[] } {
  const stated = licenceOf(entry);
  return printed !== undefined || stated === null ? {} : { licenses: [{ license: { id: stated } }] };
}
